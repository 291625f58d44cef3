import { Alert, Group, Radio, ScrollArea, Switch, Table, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useText } from '#i18n/catalogue.ts';
import { FlavorRow } from './flavor-row.tsx';
import { Section } from './section.tsx';
import { launchTexts } from './texts.ts';
import type { Launch } from './use-launch.ts';

/** More than so many are filtered and scrolled. */
const MANY = 8;

/** How large it is, with what fits now and why not. */
export function FlavorSection({ launch }: { readonly launch: Launch }) {
  const t = useText(launchTexts);
  const { fields, offer, flavor: chosen, fits } = launch;
  const [text, setText] = useState('');
  const [onlyFitting, setOnlyFitting] = useState(false);
  const [open, setOpen] = useState<string | null>(null);
  const all = offer.flavors ?? [];
  const shown = all.filter(
    (flavor) =>
      flavor.name.toLowerCase().includes(text.trim().toLowerCase()) &&
      (!onlyFitting || flavor.id === chosen?.id || fits.byFlavor.get(flavor.id)?.fits),
  );
  return (
    <Section title={t.flavor}>
      <Group justify="space-between">
        {all.length > MANY && (
          <TextInput
            aria-label={t.flavorFilter}
            placeholder={t.flavorFilter}
            size="xs"
            leftSection={<IconSearch size={14} />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        <Switch
          size="sm"
          label={t.onlyFitting}
          checked={onlyFitting}
          onChange={(event) => setOnlyFitting(event.currentTarget.checked)}
        />
        <Text size="xs" c="dimmed" role="status">
          {fits.asking ? t.asking : ''}
        </Text>
      </Group>
      <Radio.Group aria-label={t.flavor} value={chosen?.id ?? null} onChange={(id) => fields.set('flavorId', id)}>
        <ScrollArea.Autosize mah={all.length > MANY ? 420 : undefined} type="auto">
          <Table verticalSpacing={6} aria-label={t.flavor} stickyHeader={all.length > MANY}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.flavor}</Table.Th>
                <Table.Th visibleFrom="xs" ta="right">
                  {t.vcpus}
                </Table.Th>
                <Table.Th visibleFrom="xs" ta="right">
                  {t.memory}
                </Table.Th>
                <Table.Th visibleFrom="xs" ta="right">
                  {t.disk}
                </Table.Th>
                <Table.Th>{t.fitColumn}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {shown.map((flavor) => (
                <FlavorRow
                  key={flavor.id}
                  flavor={flavor}
                  fit={fits.byFlavor.get(flavor.id)}
                  chosen={flavor.id === chosen?.id}
                  choose={() => fields.set('flavorId', flavor.id)}
                  open={open === flavor.id}
                  toggle={() => setOpen(open === flavor.id ? null : flavor.id)}
                />
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea.Autosize>
      </Radio.Group>
      {fits.local && (
        <Alert color="gray" variant="light" p="xs">
          {t.fitLocal}
        </Alert>
      )}
    </Section>
  );
}
