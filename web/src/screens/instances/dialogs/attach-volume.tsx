import { Checkbox, Select, TextInput } from '@mantine/core';
import { attachVolume } from '#api/compute/server-volumes.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { volumes } from '#api/volume/volumes.ts';
import { useFormat } from '#i18n/format.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { useFields } from '#ui/use-fields.ts';
import type { DialogProps } from '../actions/change-actions.tsx';

/** One of its project's free volumes. */
export function AttachVolumeDialog({ server, tools: { t, follow, queries }, close }: DialogProps) {
  const format = useFormat();
  const { services, project } = useSignedIn();
  const { data } = useList(volumes, { all: project.id !== server.tenant_id });
  const fields = useFields({ volume: null as string | null, device: '', gone: false });
  const { volume: id, device, gone } = fields.values;
  const own = new Set(server['os-extended-volumes:volumes_attached'].map((one) => one.id));
  const free = (data ?? []).filter(
    (one) =>
      one['os-vol-tenant-attr:tenant_id'] === server.tenant_id &&
      !own.has(one.id) &&
      (one.status === 'available' || (one.status === 'in-use' && one.multiattach)),
  );
  const chosen = free.find((one) => one.id === id);
  const name = chosen?.name || (id ?? '…');
  const wish = {
    volumeId: id ?? '…',
    ...(device.trim() !== '' && { device: device.trim() }),
    ...(gone && { delete_on_termination: true }),
  };
  return (
    <FormDialog
      title={`${t.attachVolume}: ${server.name}`}
      verb={t.attachVolume}
      refuse={data && free.length === 0 ? t.noVolume : !chosen ? t.chooseVolume : null}
      preview={{
        command: commandLine(
          ['openstack', 'server', 'add', 'volume'],
          device.trim() !== '' && ['--device', device.trim()],
          gone && '--enable-delete-on-termination',
          [server.id, wish.volumeId],
        ),
        call: {
          method: 'POST',
          url: `${services.compute?.url}/servers/${server.id}/os-volume_attachments`,
          body: { volumeAttachment: wish },
        },
      }}
      submit={async () => {
        const begun = await attachVolume(server.id, wish);
        follow(
          server,
          {
            verb: t.attachVolume,
            doing: (what) => t.attachingVolume(name, what),
            done: (what) => t.attachedVolume(name, what),
          },
          begun,
        );
        void queries.invalidateQueries({ queryKey: ['volume'] });
      }}
      close={close}
    >
      <Select
        label={t.volume}
        searchable
        data-autofocus
        value={id}
        onChange={(value) => fields.set('volume', value)}
        data={free.map((one) => ({ value: one.id, label: `${one.name || one.id} (${format.gib(one.size)})` }))}
      />
      <TextInput label={t.device} description={t.deviceHint} {...fields.text('device')} />
      <Checkbox label={t.deleteWithIt} {...fields.check('gone')} />
    </FormDialog>
  );
}
