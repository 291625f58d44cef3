import { Alert, Select, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { restoreBackup } from '#api/volume/actions.ts';
import { backups, volumes, type Backup } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { nameOf } from '#screens/volumes/states.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { useFields } from '#ui/use-fields.ts';
import { settled, work } from '#ui/work.ts';
import { backupTexts } from './texts.ts';

/** Onto a new volume, or over one that is available and large enough. */
export function RestoreDialog({ backup, close }: { readonly backup: Backup; readonly close: () => void }) {
  const t = useText(backupTexts);
  const queries = useQueryClient();
  const { services } = useSignedIn();
  const { data: someVolumes } = useList(volumes);
  const targets = (someVolumes ?? []).filter(({ status, size }) => status === 'available' && size >= backup.size);
  const fields = useFields({ target: '', name: `${nameOf(backup)}-restored` });
  const { target, name } = fields.values;
  const volume = target === '' ? null : target;
  return (
    <FormDialog
      title={`${t.restore}: ${nameOf(backup)}`}
      verb={t.restore}
      danger={volume !== null}
      refuse={volume === null && name === '' ? t.nameNeeded : null}
      close={close}
      preview={{
        command: commandLine('openstack volume backup restore', [
          ...(volume === null ? [] : ['--force']),
          backup.id,
          volume === null ? name : nameOf(targets.find(({ id }) => id === volume) ?? { id: volume, name: null }),
        ]),
        call: {
          method: 'POST',
          url: `${services.volume?.url ?? ''}/backups/${backup.id}/restore`,
          body: { restore: volume === null ? { name } : { volume_id: volume } },
        },
      }}
      submit={async () => {
        await restoreBackup(backup.id, volume, name);
        void queries.invalidateQueries({ queryKey: ['backup'] });
        void queries.invalidateQueries({ queryKey: ['volume'] });
        void work({
          doing: t.restoring(nameOf(backup)),
          done: t.restored(nameOf(backup)),
          failed: t.restoreFailed(nameOf(backup)),
          run: () =>
            settled(queries, backups, backup.id, (item) =>
              item?.status === 'available'
                ? 'done'
                : !item || item.status.startsWith('error')
                  ? { failed: t.endedIn(item?.status ?? '–') }
                  : 'waiting',
            ),
        });
      }}
    >
      <Select
        label={t.restoreTo}
        allowDeselect={false}
        data={[
          { value: '', label: t.newVolume },
          ...targets.map((one) => ({ value: one.id, label: t.overwrite(nameOf(one)) })),
        ]}
        value={target}
        onChange={(value) => fields.set('target', value ?? '')}
      />
      {volume === null ? (
        <TextInput label={t.restoreName} maxLength={255} {...fields.text('name')} />
      ) : (
        <Alert color="red">{t.overwriteText}</Alert>
      )}
    </FormDialog>
  );
}
