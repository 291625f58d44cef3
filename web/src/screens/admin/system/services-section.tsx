import { Table, Text } from '@mantine/core';
import type { ServiceKey } from '#api/client.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { requestIdOf, wordsOf } from '#ui/error-notice.tsx';
import { scrollable } from '#ui/scrollable.ts';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { Section } from '../nodes/section.tsx';
import { adminTexts } from '../texts.ts';
import { catalogueRows, type CatalogueRow } from './catalogue-rows.ts';
import { systemTexts } from './texts.ts';
import type { Probed } from './use-probes.ts';

/** The catalogue's services: where they are, what they speak, how fast they answer. */
export function ServicesSection({ probes }: { readonly probes: Probed }) {
  const t = useText(systemTexts);
  const admin = useText(adminTexts);
  const ui = useText(uiTexts);
  const { catalog, region, services } = useSignedIn();
  return (
    <Section title={admin.versions}>
      <Table.ScrollContainer minWidth={720} {...scrollable(admin.versions)}>
        <Table verticalSpacing={6} aria-label={admin.versions}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{admin.service}</Table.Th>
              <Table.Th>{admin.url}</Table.Th>
              <Table.Th>{admin.version}</Table.Th>
              <Table.Th>{t.microversions}</Table.Th>
              <Table.Th>{ui.status}</Table.Th>
              <Table.Th>{admin.answersIn}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {catalogueRows(catalog, region, services).map((row) => (
              <Row key={`${row.type} ${row.url}`} row={row} probes={probes} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="xs" c="dimmed">
        {t.regionOf(region)} · {t.measured}
      </Text>
    </Section>
  );
}

function Row({ row: { type, name, url, key }, probes }: { readonly row: CatalogueRow; readonly probes: Probed }) {
  const t = useText(systemTexts);
  const format = useFormat();
  const answer = key === null ? undefined : probes.get(key);
  const { probe, error } = answer ?? {};
  return (
    <Table.Tr>
      <Table.Td>
        {name}
        <Text size="xs" c="dimmed">
          {type}
        </Text>
      </Table.Td>
      <Table.Td>
        <Text size="xs" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
          {url}
        </Text>
      </Table.Td>
      <Table.Td>{probe?.version ?? /\/(v[\d.]+)(\/|$)/.exec(url)?.[1] ?? '–'}</Table.Td>
      <Table.Td>{probe?.range ? t.range(probe.range.least, probe.range.most) : '–'}</Table.Td>
      <Table.Td>
        <State serviceKey={key} error={error ?? null} asked={probe !== undefined} />
      </Table.Td>
      <Table.Td>{probe && error == null ? t.milliseconds(format.number(Math.round(probe.tookMs))) : '–'}</Table.Td>
    </Table.Tr>
  );
}

function State({
  serviceKey,
  error,
  asked,
}: {
  readonly serviceKey: ServiceKey | null;
  readonly error: unknown;
  readonly asked: boolean;
}) {
  const t = useText(systemTexts);
  const admin = useText(adminTexts);
  const ui = useText(uiTexts);
  if (serviceKey === null)
    return (
      <Text size="xs" c="dimmed">
        {t.notAsked}
      </Text>
    );
  if (error != null)
    return (
      <>
        <Status status={admin.away} tone="bad" />
        <Text size="xs" style={{ overflowWrap: 'anywhere' }}>
          {wordsOf(error)} {requestIdOf(error)}
        </Text>
      </>
    );
  return asked ? <Status status={admin.answers} tone="good" /> : <Text size="xs">{ui.loading}</Text>;
}
