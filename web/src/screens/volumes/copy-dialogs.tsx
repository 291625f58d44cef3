import { Alert, Checkbox, TextInput, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useSignedIn } from '#api/session.ts';
import { createBackup, createSnapshot } from '#api/volume/actions.ts';
import { backups, snapshots, type Volume } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { settled, work, type Verdict } from '#ui/work.ts';
import { nameOf } from './states.ts';
import { volumeTexts } from './texts.ts';

interface Props {
  readonly volume: Volume;
  readonly close: () => void;
}

/** Available is the end; an error too. */
function useVerdict(): (item: { readonly status: string } | null) => Verdict {
  const t = useText(volumeTexts);
  return (item) =>
    item?.status === 'available'
      ? 'done'
      : !item || item.status.startsWith('error')
        ? { failed: t.endedIn(item?.status ?? '–') }
        : 'waiting';
}

/** What is on the volume now, kept. */
export function SnapshotDialog({ volume, close }: Props) {
  const t = useText(volumeTexts);
  const ui = useText(uiTexts);
  const queries = useQueryClient();
  const { services } = useSignedIn();
  const verdict = useVerdict();
  const fields = useFields({ name: `${nameOf(volume)}-snapshot`, description: '' });
  const { name, description } = fields.values;
  const inUse = volume.status === 'in-use';
  return (
    <FormDialog
      title={t.snapshotOf(nameOf(volume))}
      verb={ui.create}
      refuse={name === '' ? t.nameNeeded : null}
      close={close}
      preview={{
        command: commandLine('openstack volume snapshot create', [
          '--volume',
          nameOf(volume),
          ...(inUse ? ['--force'] : []),
          name,
        ]),
        call: {
          method: 'POST',
          url: `${services.volume?.url ?? ''}/snapshots`,
          body: { snapshot: { volume_id: volume.id, name, description, ...(inUse && { force: true }) } },
        },
      }}
      submit={async () => {
        const snapshot = await createSnapshot(volume.id, name, description, inUse);
        void queries.invalidateQueries({ queryKey: ['snapshot'] });
        void work({
          doing: t.snapshotting(name),
          done: t.snapshotted(name),
          failed: t.snapshotFailed(name),
          run: () => settled(queries, snapshots, snapshot.id, verdict),
        });
      }}
    >
      <TextInput label={ui.name} maxLength={255} data-autofocus {...fields.text('name')} />
      <Textarea label={ui.description} maxLength={255} autosize {...fields.text('description')} />
      {inUse && <Alert color="orange">{t.inUseNote}</Alert>}
    </FormDialog>
  );
}

/** A copy elsewhere. */
export function BackupDialog({ volume, close }: Props) {
  const t = useText(volumeTexts);
  const ui = useText(uiTexts);
  const queries = useQueryClient();
  const { services } = useSignedIn();
  const verdict = useVerdict();
  const fields = useFields({ name: `${nameOf(volume)}-backup`, description: '', incremental: false });
  const inUse = volume.status === 'in-use';
  const { name } = fields.values;
  const backup = { volume_id: volume.id, ...fields.values, force: inUse };
  return (
    <FormDialog
      title={t.backupOf(nameOf(volume))}
      verb={t.backup}
      refuse={name === '' ? t.nameNeeded : null}
      close={close}
      preview={{
        command: commandLine('openstack volume backup create', [
          '--name',
          name,
          ...(backup.incremental ? ['--incremental'] : []),
          ...(inUse ? ['--force'] : []),
          nameOf(volume),
        ]),
        call: { method: 'POST', url: `${services.volume?.url ?? ''}/backups`, body: { backup } },
      }}
      submit={async () => {
        const made = await createBackup(backup);
        void queries.invalidateQueries({ queryKey: ['backup'] });
        void work({
          doing: t.backingUp(nameOf(volume)),
          done: t.backedUp(nameOf(volume)),
          failed: t.backupFailed(nameOf(volume)),
          run: () => settled(queries, backups, made.id, verdict),
        });
      }}
    >
      <TextInput label={ui.name} maxLength={255} data-autofocus {...fields.text('name')} />
      <Textarea label={ui.description} maxLength={255} autosize {...fields.text('description')} />
      <Checkbox label={t.incremental} {...fields.check('incremental')} />
      {inUse && <Alert color="orange">{t.inUseNote}</Alert>}
    </FormDialog>
  );
}
