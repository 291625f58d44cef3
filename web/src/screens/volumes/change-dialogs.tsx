import { Checkbox, NumberInput, Select, TextInput, Textarea } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { images } from '#api/image/images.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { volumeUsage } from '#api/usage/limits.ts';
import { updateVolume, volumeAction } from '#api/volume/actions.ts';
import { volumeTypes, type Volume } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { settled, work } from '#ui/work.ts';
import { settleVolume } from './settle-volume.ts';
import { nameOf } from './states.ts';
import { volumeTexts } from './texts.ts';

interface Props {
  readonly volume: Volume;
  readonly close: () => void;
}

/** The API call of a volume's action, as previews show it. */
const useActionCall = (volume: Volume): ((body: unknown) => { method: string; url: string; body: unknown }) => {
  const { services } = useSignedIn();
  return (body) => ({ method: 'POST', url: `${services.volume?.url ?? ''}/volumes/${volume.id}/action`, body });
};

/** More room. */
export function ExtendDialog({ volume, close }: Props) {
  const t = useText(volumeTexts);
  const queries = useQueryClient();
  const call = useActionCall(volume);
  const fields = useFields({ size: volume.size + 1 });
  const { data: usage } = useQuery({ queryKey: ['usage', 'volume'], queryFn: ({ signal }) => volumeUsage(signal) });
  const { size } = fields.values;
  const left = usage?.gigabytes.limit == null ? null : usage.gigabytes.limit - usage.gigabytes.used;
  const refuse =
    size <= volume.size
      ? t.biggerNeeded(volume.size)
      : left !== null && size - volume.size > left
        ? t.quotaGib(left)
        : null;
  const body = { 'os-extend': { new_size: size } };
  const name = nameOf(volume);
  return (
    <FormDialog
      title={`${t.extend}: ${name}`}
      verb={t.extend}
      refuse={refuse}
      close={close}
      preview={{ command: commandLine('openstack volume set', ['--size', String(size), name]), call: call(body) }}
      submit={async () => {
        await volumeAction(volume.id, body);
        void work({
          doing: t.extending(name),
          done: t.extended(name, size),
          failed: t.extendFailed(name),
          run: () => settleVolume(queries, volume.id, (one) => one.size === size),
        });
      }}
    >
      <NumberInput
        label={t.newSize}
        min={volume.size + 1}
        value={size}
        onChange={(value) => fields.set('size', Number(value))}
        data-autofocus
      />
    </FormDialog>
  );
}

/** Name and description. */
export function EditDialog({ volume, close }: Props) {
  const t = useText(volumeTexts);
  const ui = useText(uiTexts);
  const queries = useQueryClient();
  const fields = useFields({ name: volume.name ?? '', description: volume.description ?? '' });
  return (
    <FormDialog
      title={`${t.edit}: ${nameOf(volume)}`}
      verb={ui.save}
      close={close}
      submit={() =>
        updateVolume(volume.id, fields.values).then(() => queries.invalidateQueries({ queryKey: ['volume'] }))
      }
    >
      <TextInput label={ui.name} maxLength={255} data-autofocus {...fields.text('name')} />
      <Textarea label={ui.description} maxLength={255} autosize {...fields.text('description')} />
    </FormDialog>
  );
}

/** Another type: another back end, or other promises. */
export function RetypeDialog({ volume, close }: Props) {
  const t = useText(volumeTexts);
  const queries = useQueryClient();
  const call = useActionCall(volume);
  const { data } = useList(volumeTypes);
  const others = (data ?? []).filter((one) => one.name !== volume.volume_type);
  const fields = useFields({ type: '', migrate: false });
  const type = fields.values.type || others[0]?.name || '';
  const policy = fields.values.migrate ? 'on-demand' : 'never';
  const body = { 'os-retype': { new_type: type, migration_policy: policy } };
  const name = nameOf(volume);
  return (
    <FormDialog
      title={`${t.retype}: ${name}`}
      verb={t.retype}
      refuse={data && others.length === 0 ? t.noTypes : null}
      close={close}
      preview={{
        command: commandLine('openstack volume set', ['--type', type, '--retype-policy', policy, name]),
        call: call(body),
      }}
      submit={async () => {
        await volumeAction(volume.id, body);
        void work({
          doing: t.retyping(name),
          done: t.retyped(name),
          failed: t.retypeFailed(name),
          run: () => settleVolume(queries, volume.id, (one) => one.volume_type === type),
        });
      }}
    >
      <Select
        label={t.type}
        allowDeselect={false}
        data={others.map((one) => one.name)}
        value={type || null}
        onChange={(value) => fields.set('type', value ?? '')}
      />
      <Checkbox label={t.migrateIfNeeded} {...fields.check('migrate')} />
    </FormDialog>
  );
}

/** An image of what is on it now. */
export function UploadDialog({ volume, close }: Props) {
  const t = useText(volumeTexts);
  const queries = useQueryClient();
  const call = useActionCall(volume);
  const name = nameOf(volume);
  const fields = useFields({ name: `${name}-image`, format: 'qcow2' });
  const { name: imageName, format } = fields.values;
  const body = {
    'os-volume_upload_image': {
      image_name: imageName,
      disk_format: format,
      container_format: 'bare',
      force: volume.status === 'in-use',
    },
  };
  return (
    <FormDialog
      title={`${t.upload}: ${name}`}
      verb={t.upload}
      refuse={imageName === '' ? t.nameNeeded : null}
      close={close}
      preview={{
        command: commandLine('openstack image create', [
          '--volume',
          name,
          '--disk-format',
          format,
          ...(volume.status === 'in-use' ? ['--force'] : []),
          imageName,
        ]),
        call: call(body),
      }}
      submit={async () => {
        const answer = await volumeAction<{ 'os-volume_upload_image': { image_id: string } }>(volume.id, body);
        const id = answer['os-volume_upload_image'].image_id;
        void work({
          doing: t.uploading(imageName),
          done: t.uploaded(imageName),
          failed: t.uploadFailed(imageName),
          run: () =>
            settled(queries, images, id, (image) =>
              image?.status === 'active'
                ? 'done'
                : !image || image.status === 'killed' || image.status === 'deleted'
                  ? { failed: t.endedIn(image?.status ?? '–') }
                  : 'waiting',
            ),
        });
      }}
    >
      <TextInput label={t.uploadName} maxLength={255} data-autofocus {...fields.text('name')} />
      <Select
        label={t.format}
        allowDeselect={false}
        data={['qcow2', 'raw', 'vmdk', 'vdi']}
        value={format}
        onChange={(value) => fields.set('format', value ?? 'qcow2')}
      />
    </FormDialog>
  );
}
