import { Checkbox, NumberInput, SegmentedControl, Select, TextInput, Textarea } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { images } from '#api/image/images.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { volumeUsage } from '#api/usage/limits.ts';
import { createVolume, type NewVolume } from '#api/volume/actions.ts';
import { snapshots, volumes, volumeTypes } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { work } from '#ui/work.ts';
import { settleVolume } from './settle-volume.ts';
import { nameOf } from './states.ts';
import { volumeTexts } from './texts.ts';

export type SourceKind = 'nothing' | 'image' | 'snapshot' | 'volume';
export interface VolumeSource {
  readonly kind: SourceKind;
  readonly id: string;
}

interface Choice {
  readonly value: string;
  readonly label: string;
  /** GiB that the volume must have. */
  readonly least: number;
}

const flags: Readonly<Record<SourceKind, readonly [option: string, field: keyof NewVolume] | null>> = {
  nothing: null,
  image: ['--image', 'imageRef'],
  snapshot: ['--snapshot', 'snapshot_id'],
  volume: ['--source', 'source_volid'],
};

/** A new volume: empty, or of an image, a snapshot, another volume. */
export function CreateVolumeDialog({ from, close }: { readonly from?: VolumeSource; readonly close: () => void }) {
  const t = useText(volumeTexts);
  const ui = useText(uiTexts);
  const queries = useQueryClient();
  const { services } = useSignedIn();
  const choices = useChoices();
  const { data: types } = useList(volumeTypes);
  const { data: usage } = useQuery({ queryKey: ['usage', 'volume'], queryFn: ({ signal }) => volumeUsage(signal) });
  const fields = useFields({
    name: '',
    description: '',
    size: 0,
    type: '',
    kind: from?.kind ?? 'nothing',
    source: from?.id ?? '',
    multiattach: false,
  });
  const { name, description, type, kind, source, multiattach } = fields.values;
  const chosen = choices[kind].find(({ value }) => value === source);
  const size = fields.values.size || Math.max(1, chosen?.least ?? 1);
  const left = usage?.gigabytes.limit == null ? null : usage.gigabytes.limit - usage.gigabytes.used;
  const flag = flags[kind];
  const volume: NewVolume = {
    name,
    size,
    ...(description !== '' && { description }),
    ...(type !== '' && { volume_type: type }),
    ...(multiattach && { multiattach }),
    ...(flag && { [flag[1]]: source }),
  };
  const refuse =
    name === ''
      ? t.nameNeeded
      : flag && !chosen
        ? t.sourceNeeded
        : size < 1
          ? t.sizeNeeded
          : chosen && size < chosen.least
            ? t.sizeAtLeast(chosen.least)
            : left !== null && size > left
              ? t.quotaGib(left)
              : null;
  const submit = async (): Promise<void> => {
    const made = await createVolume(volume);
    void queries.invalidateQueries({ queryKey: ['volume'] });
    void work({
      doing: t.creating(name),
      done: t.created(name),
      failed: t.createFailed(name),
      run: () => settleVolume(queries, made.id),
    });
  };
  return (
    <FormDialog
      title={t.create}
      verb={ui.create}
      refuse={refuse}
      submit={submit}
      close={close}
      preview={{
        command: commandLine('openstack volume create', [
          '--size',
          String(size),
          ...(flag && source ? [flag[0], chosen?.label ?? source] : []),
          ...(type ? ['--type', type] : []),
          name || 'NAME',
        ]),
        call: { method: 'POST', url: `${services.volume?.url ?? ''}/volumes`, body: { volume } },
      }}
    >
      <TextInput label={ui.name} maxLength={255} data-autofocus {...fields.text('name')} />
      <SegmentedControl
        aria-label={t.source}
        value={kind}
        onChange={(value) => fields.setAll({ ...fields.values, kind: value, source: '', size: 0 })}
        data={[
          { value: 'nothing', label: t.fromNothing },
          { value: 'image', label: t.fromImage },
          { value: 'snapshot', label: t.fromSnapshot },
          { value: 'volume', label: t.fromVolume },
        ]}
      />
      {flag && (
        <Select
          label={t.source}
          searchable
          data={choices[kind].map(({ value, label }) => ({ value, label }))}
          value={source || null}
          onChange={(value) => fields.set('source', value ?? '')}
        />
      )}
      <NumberInput
        label={t.sizeGib}
        min={1}
        value={size}
        onChange={(value) => fields.set('size', Number(value))}
        {...(left !== null && { description: t.quotaGib(left) })}
      />
      {(types ?? []).length > 1 && (
        <Select
          label={t.type}
          placeholder={t.defaultType}
          clearable
          data={(types ?? []).map((one) => one.name)}
          value={type || null}
          onChange={(value) => fields.set('type', value ?? '')}
        />
      )}
      <Textarea label={ui.description} maxLength={255} autosize {...fields.text('description')} />
      <Checkbox label={t.multiattach} {...fields.check('multiattach')} />
    </FormDialog>
  );
}

function useChoices(): Readonly<Record<SourceKind, readonly Choice[]>> {
  const { services } = useSignedIn();
  const { data: someImages } = useList(images, { enabled: services.image !== undefined });
  const { data: someSnapshots } = useList(snapshots);
  const { data: someVolumes } = useList(volumes);
  const gib = 2 ** 30;
  return {
    nothing: [],
    image: (someImages ?? [])
      .filter(({ status }) => status === 'active')
      .map((one) => ({
        value: one.id,
        label: one.name ?? one.id,
        least: Math.max(1, one.min_disk, Math.ceil((one.virtual_size ?? one.size ?? 0) / gib)),
      })),
    snapshot: (someSnapshots ?? [])
      .filter(({ status }) => status === 'available')
      .map((one) => ({ value: one.id, label: nameOf(one), least: one.size })),
    volume: (someVolumes ?? [])
      .filter(({ status }) => status === 'available' || status === 'in-use')
      .map((one) => ({ value: one.id, label: nameOf(one), least: one.size })),
  };
}
