import { Checkbox, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { aggregateWrites } from '#api/compute/aggregate-writes.ts';
import { aggregates, computeServices, type Aggregate } from '#api/compute/hosts.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-line.ts';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { membershipChange, membershipRefusal } from './membership.ts';
import { useRefusalWords } from './refusal-words.ts';
import { aggregateTexts } from './texts.ts';

/** Which hosts are in an aggregate. Those that may not enter or leave it say why. */
export function HostsDialog({
  aggregate,
  guestsOn,
  close,
}: {
  readonly aggregate: Aggregate;
  readonly guestsOn: (host: string) => number;
  readonly close: () => void;
}) {
  const t = useText(aggregateTexts);
  const ui = useText(uiTexts);
  const words = useRefusalWords();
  const queries = useQueryClient();
  const { services } = useSignedIn();
  const { data: all = [] } = useList(aggregates);
  const { data: daemons = [] } = useList(computeServices);
  const [wanted, setWanted] = useState<ReadonlySet<string>>(new Set(aggregate.hosts));
  const hosts = [
    ...new Set([
      ...daemons.filter(({ binary }) => binary === 'nova-compute').map(({ host }) => host),
      ...aggregate.hosts,
    ]),
  ].toSorted();
  const { add, remove } = membershipChange(aggregate, wanted);
  const url = `${services.compute?.url ?? ''}/os-aggregates/${aggregate.id}/action`;
  return (
    <FormDialog
      title={t.hostsTitle(aggregate.name)}
      verb={ui.save}
      refuse={add.length + remove.length === 0 ? t.nothingChanged : null}
      preview={{
        command: [
          ...add.map((host) => commandLine(['openstack', 'aggregate', 'add', 'host', aggregate.name, host])),
          ...remove.map((host) => commandLine(['openstack', 'aggregate', 'remove', 'host', aggregate.name, host])),
        ].join('\n'),
        call: [
          ...add.map((host) => ({ method: 'POST', url, body: { add_host: { host } } })),
          ...remove.map((host) => ({ method: 'POST', url, body: { remove_host: { host } } })),
        ],
      }}
      submit={async () => {
        try {
          for (const host of remove) await aggregateWrites.removeHost(aggregate.id, host);
          for (const host of add) await aggregateWrites.addHost(aggregate.id, host);
        } finally {
          // Also what was done before one failed.
          for (const kind of ['aggregate', 'availability_zone', 'compute_service', 'hypervisor'])
            void queries.invalidateQueries({ queryKey: [kind] });
        }
      }}
      close={close}
    >
      <Text size="sm">{t.hostsText}</Text>
      {hosts.length === 0 && <Text size="sm">{t.noHosts}</Text>}
      <Stack gap="xs" role="group" aria-label={t.hosts}>
        {hosts.map((host) => {
          const refusal = membershipRefusal(host, { aggregate, all, guestsOn });
          return (
            <Checkbox
              key={host}
              label={host}
              description={refusal ? words(refusal) : undefined}
              disabled={refusal !== null}
              checked={wanted.has(host)}
              onChange={({ currentTarget: { checked } }) =>
                setWanted((old) => {
                  const next = new Set(old);
                  if (checked) next.add(host);
                  else next.delete(host);
                  return next;
                })
              }
            />
          );
        })}
      </Stack>
    </FormDialog>
  );
}
