import { Code, Modal, Stack } from '@mantine/core';
import { IconDownload, IconKey, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { deleteKeypair, type Keypair } from '#api/compute/keypairs.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { CopyButton } from '#ui/copy.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { downloadText } from '#ui/download.ts';
import { Facts } from '#ui/facts.tsx';
import { uiTexts } from '#ui/texts.ts';
import { keypairTexts } from './texts.ts';

/** What can be done with key pairs. */
export function useKeypairActions(): readonly Action<Keypair>[] {
  const t = useText(keypairTexts);
  const ui = useText(uiTexts);
  const open = useDialog();
  const queries = useQueryClient();
  return useMemo<readonly Action<Keypair>[]>(
    () => [
      {
        id: 'show',
        label: t.showKey,
        icon: IconKey,
        run: ([key]) => key && open((close) => <PublicKeyDialog keypair={key} close={close} />),
      },
      {
        id: 'download',
        label: t.downloadPublic,
        icon: IconDownload,
        run: ([key]) => key && downloadText(`${key.name}.pub`, `${key.public_key.trim()}\n`),
      },
      {
        id: 'delete',
        label: ui.delete,
        icon: IconTrash,
        danger: true,
        many: true,
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.deleteTitle(items.length)}
              items={items}
              nameOf={({ name }) => name}
              consequence={t.deleteText}
              verb={ui.delete}
              danger
              run={async ({ name }) => {
                await deleteKeypair(name);
                await queries.invalidateQueries({ queryKey: ['keypair'] });
              }}
              close={close}
            />
          )),
      },
    ],
    [t, ui, open, queries],
  );
}

function PublicKeyDialog({ keypair, close }: { readonly keypair: Keypair; readonly close: () => void }) {
  const t = useText(keypairTexts);
  const ui = useText(uiTexts);
  return (
    <Modal opened onClose={close} title={keypair.name} size="lg" closeButtonProps={{ 'aria-label': ui.close }}>
      <Stack>
        <Facts
          rows={[
            [t.fingerprint, <Code key="fingerprint">{keypair.fingerprint}</Code>],
            [t.type, keypair.type],
          ]}
        />
        <div>
          <CopyButton text={keypair.public_key} />
          <Code block tabIndex={0} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
            {keypair.public_key}
          </Code>
        </div>
      </Stack>
    </Modal>
  );
}
