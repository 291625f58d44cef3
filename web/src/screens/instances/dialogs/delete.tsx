import { useRef } from 'react';
import type { Begun } from '#api/compute/server-actions.ts';
import { addressesOf, type Server } from '#api/compute/servers.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { volumes } from '#api/volume/volumes.ts';
import { useFormat } from '#i18n/format.ts';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { named, type Tools } from '../use-tools.ts';

/** Names what goes with them and what stays. */
export function DeleteDialog({
  servers,
  tools: { t, followAll },
  verb,
  note,
  begin,
  close,
}: {
  readonly servers: readonly Server[];
  readonly tools: Tools;
  readonly verb: string;
  readonly note?: string;
  readonly begin: (id: string) => Promise<Begun>;
  readonly close: () => void;
}) {
  const format = useFormat();
  const begun = useRef(new Map<Server, Begun>());
  const { services, project } = useSignedIn();
  const attached = servers.flatMap((one) => one['os-extended-volumes:volumes_attached']);
  const { data: known = [] } = useList(volumes, {
    all: servers.some(({ tenant_id }) => tenant_id !== project.id),
    enabled: services.volume !== undefined && attached.length > 0,
  });
  const volumeNames = (gone: boolean): string =>
    format.list(
      attached
        .filter((one) => (one.delete_on_termination === true) === gone)
        .map(({ id }) => known.find((one) => one.id === id)?.name || id),
    );
  const disks = servers.filter(({ image }) => image !== '').length;
  const floating = format.list(
    servers
      .flatMap(addressesOf)
      .filter((one) => one['OS-EXT-IPS:type'] === 'floating')
      .map(({ addr }) => addr),
  );
  const [gone, kept] = [volumeNames(true), volumeNames(false)];
  const consequence = [
    ...(disks > 0 ? [t.deleteDisk(disks)] : []),
    ...(gone === '' ? [] : [t.deleteVolumes(gone)]),
    ...(kept === '' ? [] : [t.keptVolumes(kept)]),
    ...(floating === '' ? [] : [t.keptFloating(floating)]),
    ...(note === undefined ? [] : [note]),
  ].join(' ');
  return (
    <ConfirmDialog
      title={t.deleteTitle(named(servers))}
      verb={verb}
      danger
      items={servers}
      nameOf={({ name }) => name}
      consequence={consequence}
      run={async (server) => begun.current.set(server, await begin(server.id))}
      close={() => {
        close();
        followAll(begun.current, { verb, doing: t.deleting, done: t.deleted });
      }}
    />
  );
}
