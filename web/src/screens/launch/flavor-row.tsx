import { Button, Group, Radio, Table, Text, ThemeIcon } from '@mantine/core';
import { IconCheck, IconChevronDown, IconChevronUp, IconX } from '@tabler/icons-react';
import type { Flavor } from '#api/compute/flavors.ts';
import type { FlavorFit } from '#api/compute/launch.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { FitDetails } from './fit-details.tsx';
import { launchTexts } from './texts.ts';
import { reasonInShort } from './words.ts';

export interface FlavorRowProps {
  readonly flavor: Flavor;
  readonly fit: FlavorFit | undefined;
  readonly chosen: boolean;
  readonly choose: () => void;
  readonly open: boolean;
  readonly toggle: () => void;
}

/** A flavor, whether it fits, and below it, host by host, why. */
export function FlavorRow({ flavor, fit, chosen, choose, open, toggle }: FlavorRowProps) {
  const t = useText(launchTexts);
  const format = useFormat();
  const memory = format.mib(flavor.ram);
  const disk = format.gib(flavor.disk + flavor['OS-FLV-EXT-DATA:ephemeral']);
  return (
    <>
      <Table.Tr
        onClick={choose}
        style={{ cursor: 'pointer' }}
        {...(chosen && { bg: 'var(--mantine-primary-color-light)' })}
      >
        <Table.Td miw={120}>
          <Radio
            value={flavor.id}
            label={flavor.name}
            {...(flavor.description && { description: flavor.description })}
            styles={{ label: { fontWeight: 600, overflowWrap: 'break-word' } }}
          />
          <Text size="xs" c="dimmed" hiddenFrom="xs">
            {[`${flavor.vcpus} ${t.vcpus}`, memory, disk].join(' · ')}
          </Text>
        </Table.Td>
        <Table.Td visibleFrom="xs" ta="right">
          {flavor.vcpus}
        </Table.Td>
        <Table.Td visibleFrom="xs" ta="right" style={{ whiteSpace: 'nowrap' }}>
          {memory}
        </Table.Td>
        <Table.Td visibleFrom="xs" ta="right" style={{ whiteSpace: 'nowrap' }}>
          {disk}
        </Table.Td>
        <Table.Td>
          {fit && (
            <Group gap={4} wrap="nowrap" justify="space-between">
              <div>
                <FitBadge fit={fit} />
                {!fit.fits && fit.reasons[0] && (
                  <Text size="xs" c="dimmed" visibleFrom="sm">
                    {reasonInShort(fit.reasons[0], t)}
                  </Text>
                )}
              </div>
              {fit.reasons.length + fit.host_verdicts.length > 0 && (
                <Button
                  size="compact-xs"
                  variant="subtle"
                  flex="none"
                  aria-expanded={open}
                  aria-label={t.whyNot(flavor.name)}
                  rightSection={open ? <IconChevronUp size={12} /> : <IconChevronDown size={12} />}
                  onClick={(event) => {
                    event.stopPropagation();
                    toggle();
                  }}
                >
                  {t.why}
                </Button>
              )}
            </Group>
          )}
        </Table.Td>
      </Table.Tr>
      {open && fit && (
        <Table.Tr>
          <Table.Td colSpan={5}>
            <FitDetails fit={fit} />
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}

function FitBadge({ fit }: { readonly fit: FlavorFit }) {
  const t = useText(launchTexts);
  return (
    <Group gap={4} wrap="nowrap">
      <ThemeIcon size={16} radius="xl" color={fit.fits ? 'teal' : 'orange'} variant="light" aria-hidden>
        {fit.fits ? <IconCheck size={12} /> : <IconX size={12} />}
      </ThemeIcon>
      <Text size="sm">
        {fit.fits ? t.fits : t.fitsNot}
        {fit.fits && fit.hosts > 0 && t.fitsOn(fit.hosts)}
      </Text>
    </Group>
  );
}
