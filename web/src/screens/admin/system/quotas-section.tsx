import { Button, Group, Loader, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { projects } from '#api/identity/identity.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { quotaDefaults, quotasOf, type QuotaService } from '#api/usage/cloud.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Section } from '../nodes/section.tsx';
import { adminTexts } from '../texts.ts';
import { scrollable } from '#ui/scrollable.ts';
import { eachOf, sumOf } from './quota-sum.ts';
import { systemTexts } from './texts.ts';

/** More projects than this are asked about only when somebody wants it. */
const MANY = 30;
const AT_ONCE = 4;
const MINUTE = 60_000;

/** What projects get, have been given and use, all together, service by service. */
export function QuotasSection() {
  const t = useText(systemTexts);
  const admin = useText(adminTexts);
  const { services } = useSignedIn();
  const { data: all } = useList(projects);
  const [wanted, setWanted] = useState(false);
  const asked = all !== undefined && (wanted || all.length <= MANY);
  const ids = (all ?? []).map(({ id }) => id);
  return (
    <Section title={t.quotas}>
      <Text size="sm" c="dimmed" mb="sm">
        {t.quotasText}
      </Text>
      {all && !asked && (
        <Group mb="sm">
          <Text size="sm">{t.manyProjects(all.length)}</Text>
          <Button size="compact-sm" variant="default" onClick={() => setWanted(true)}>
            {t.ask}
          </Button>
        </Group>
      )}
      <Table.ScrollContainer minWidth={480} {...scrollable(t.quotas)}>
        <Table verticalSpacing={4} aria-label={t.quotas}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t.resource}</Table.Th>
              <Table.Th>{t.byDefault}</Table.Th>
              <Table.Th>{t.given}</Table.Th>
              <Table.Th>{t.inUse}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          {services.compute && <Part service="compute" title={admin.computeServices} projects={asked ? ids : null} />}
          {services.volume && <Part service="volume" title={admin.volumeServices} projects={asked ? ids : null} />}
          {services.network && <Part service="network" title={t.neutron} projects={asked ? ids : null} />}
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}

function Part({
  service,
  title,
  projects: ids,
}: {
  readonly service: QuotaService;
  readonly title: string;
  /** Null: are not asked about. */
  readonly projects: readonly string[] | null;
}) {
  const t = useText(systemTexts);
  const format = useFormat();
  const { project } = useSignedIn();
  const rows = useRows(service);
  const defaults = useQuery({
    queryKey: ['quota', 'defaults', service],
    queryFn: ({ signal }) => quotaDefaults(service, project.id, signal),
  });
  const given = useQuery({
    queryKey: ['quota', 'sum', service, ids],
    queryFn: ({ signal }) => eachOf(ids ?? [], AT_ONCE, (id) => quotasOf(service, id, signal)),
    enabled: ids !== null,
    staleTime: MINUTE,
    refetchInterval: MINUTE,
  });
  const error = defaults.error ?? given.error;
  return (
    <Table.Tbody>
      <Table.Tr>
        <Table.Th colSpan={4} scope="rowgroup">
          {title}
          {error && <ErrorNotice error={error} />}
        </Table.Th>
      </Table.Tr>
      {rows.map(({ name, label, unit }) => {
        const shown = (value: number | null | undefined): React.ReactNode =>
          value === undefined ? '–' : value === null || value < 0 ? t.unlimited : format[unit](value);
        const sum = given.data && sumOf(given.data, name);
        const waiting = ids !== null && given.isLoading ? <Loader size={10} /> : '–';
        return (
          <Table.Tr key={name}>
            <Table.Td>{label}</Table.Td>
            <Table.Td>{shown(defaults.data?.[name])}</Table.Td>
            <Table.Td>{sum ? shown(sum.given) : waiting}</Table.Td>
            <Table.Td>{sum ? format[unit](sum.used) : waiting}</Table.Td>
          </Table.Tr>
        );
      })}
    </Table.Tbody>
  );
}

interface QuotaRow {
  /** As the service calls it. */
  readonly name: string;
  readonly label: string;
  readonly unit: 'number' | 'mib' | 'gib';
}

function useRows(service: QuotaService): readonly QuotaRow[] {
  const t = useText(systemTexts);
  const admin = useText(adminTexts);
  const row = (name: string, label: string, unit: QuotaRow['unit'] = 'number'): QuotaRow => ({ name, label, unit });
  if (service === 'compute')
    return [
      row('instances', t.instances),
      row('cores', admin.cores),
      row('ram', t.ram, 'mib'),
      row('server_groups', t.serverGroups),
    ];
  if (service === 'volume')
    return [
      row('volumes', t.volumes),
      row('snapshots', t.snapshots),
      row('gigabytes', t.gigabytes, 'gib'),
      row('backups', t.backups),
      row('backup_gigabytes', t.backupGigabytes, 'gib'),
    ];
  return [
    row('network', t.networks),
    row('subnet', t.subnets),
    row('port', t.ports),
    row('router', t.routers),
    row('floatingip', t.floatingIps),
    row('security_group', t.securityGroups),
    row('security_group_rule', t.securityGroupRules),
  ];
}
