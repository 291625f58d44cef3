import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { acceptTransfer, offerTransfer, type Transfer } from '#api/volume/actions.ts';
import type { Volume } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { Copyable } from '#ui/copy.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Facts } from '#ui/facts.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { nameOf } from './states.ts';
import { volumeTexts } from './texts.ts';

/** Offers a volume to another project; then shows the two words, once. */
export function OfferDialog({ volume, close }: { readonly volume: Volume; readonly close: () => void }) {
  const t = useText(volumeTexts);
  const ui = useText(uiTexts);
  const queries = useQueryClient();
  const [transfer, setTransfer] = useState<Transfer | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const offer = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      setTransfer(await offerTransfer(volume.id, nameOf(volume)));
      void queries.invalidateQueries({ queryKey: ['volume'] });
    } catch (thrown) {
      setError(thrown);
    }
    setBusy(false);
  };
  return (
    <Modal
      opened
      onClose={close}
      title={`${t.transfer}: ${nameOf(volume)}`}
      closeButtonProps={{ 'aria-label': ui.close }}
    >
      <Stack>
        <Text size="sm">{transfer ? t.offered : t.transferText}</Text>
        {transfer && (
          <Facts
            rows={[
              [t.transferId, <Copyable key="id" text={transfer.id} />],
              [t.authKey, <Copyable key="key" text={transfer.auth_key} />],
            ]}
          />
        )}
        <ErrorNotice error={error} />
        <Group justify="flex-end">
          {transfer ? (
            <Button onClick={close}>{t.done}</Button>
          ) : (
            <>
              <Button variant="default" onClick={close}>
                {ui.cancel}
              </Button>
              <Button loading={busy} onClick={() => void offer()} data-autofocus>
                {t.offer}
              </Button>
            </>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

/** Takes a volume that another project offers. */
export function AcceptDialog({ close }: { readonly close: () => void }) {
  const t = useText(volumeTexts);
  const queries = useQueryClient();
  const fields = useFields({ id: '', key: '' });
  const { id, key } = fields.values;
  return (
    <FormDialog
      title={t.accept}
      verb={t.accept}
      refuse={id === '' || key === '' ? t.transferHint : null}
      close={close}
      submit={() =>
        acceptTransfer(id.trim(), key.trim()).then(() => queries.invalidateQueries({ queryKey: ['volume'] }))
      }
    >
      <TextInput label={t.transferId} data-autofocus {...fields.text('id')} />
      <TextInput label={t.authKey} {...fields.text('key')} />
    </FormDialog>
  );
}
