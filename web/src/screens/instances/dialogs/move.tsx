import { Alert, List, Select, Text } from '@mantine/core';
import { useState } from 'react';
import { computeServices } from '#api/compute/hosts.ts';
import { act, type Begun } from '#api/compute/server-actions.ts';
import type { Server } from '#api/compute/servers.ts';
import { useList } from '#api/resource.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import type { Tools, Words } from '../use-tools.ts';
import { useActionPreview } from './action-preview.ts';

export type Move = 'migrate' | 'liveMigrate' | 'evacuate';

/** To another host, chosen here or by the scheduler. */
export function MoveDialog({
  kind,
  servers,
  tools: { t, followAll },
  close,
}: {
  readonly kind: Move;
  readonly servers: readonly Server[];
  readonly tools: Tools;
  readonly close: () => void;
}) {
  const [first] = servers;
  const preview = useActionPreview(first?.id ?? '');
  const { data = [] } = useList(computeServices);
  const [host, setHost] = useState<string | null>(null);
  const from = new Set(servers.map((one) => one['OS-EXT-SRV-ATTR:host']));
  const hosts = data.filter(
    (one) => one.binary === 'nova-compute' && one.state === 'up' && !(from.size === 1 && from.has(one.host)),
  );
  const bodies: Readonly<Record<Move, Readonly<Record<string, unknown>>>> = {
    migrate: { migrate: host === null ? null : { host } },
    liveMigrate: { 'os-migrateLive': { host, block_migration: 'auto' } },
    evacuate: { evacuate: host === null ? {} : { host } },
  };
  const commands: Readonly<Record<Move, readonly string[]>> = {
    migrate: ['openstack', 'server', 'migrate'],
    liveMigrate: ['openstack', 'server', 'migrate', '--live-migration'],
    evacuate: ['openstack', 'server', 'evacuate'],
  };
  const words: Readonly<Record<Move, Words>> = {
    migrate: { verb: t.migrate, doing: t.migrating, done: t.migrated },
    liveMigrate: { verb: t.liveMigrate, doing: t.migrating, done: t.liveMigrated },
    evacuate: { verb: t.evacuate, doing: t.migrating, done: t.evacuated },
  };
  const hints: Readonly<Record<Move, string>> = {
    migrate: t.migrateHint,
    liveMigrate: t.liveMigrateHint,
    evacuate: t.evacuateHint,
  };
  return (
    <FormDialog
      title={words[kind].verb}
      verb={words[kind].verb}
      danger={kind === 'evacuate'}
      preview={preview(
        servers.map(({ id }) => commandLine(commands[kind], host !== null && ['--host', host], [id])).join('\n'),
        bodies[kind],
      )}
      submit={async () => {
        const begun = new Map<Server, Begun>();
        try {
          for (const server of servers) begun.set(server, await act(server.id, bodies[kind]));
        } finally {
          followAll(begun, words[kind]);
        }
      }}
      close={close}
    >
      <List size="sm">
        {servers.map(({ id, name, 'OS-EXT-SRV-ATTR:host': now }) => (
          <List.Item key={id}>{now ? `${name} (${now})` : name}</List.Item>
        ))}
      </List>
      {kind === 'evacuate' ? (
        <Alert color="red" variant="light">
          {hints[kind]}
        </Alert>
      ) : (
        <Text size="sm">{hints[kind]}</Text>
      )}
      <Select
        label={t.host}
        placeholder={t.anyHost}
        clearable
        data-autofocus
        value={host}
        onChange={setHost}
        data={hosts.map((one) => one.host)}
      />
    </FormDialog>
  );
}
