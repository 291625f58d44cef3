import { Button, Code } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useMemo } from 'react';
import { keypairs, type Keypair } from '#api/compute/keypairs.ts';
import { useList } from '#api/resource.ts';
import { appTexts } from '#app/texts.ts';
import { useText } from '#i18n/catalogue.ts';
import { useDialog } from '#ui/dialogs.tsx';
import { EmptyNotice } from '#ui/empty-notice.tsx';
import { Page } from '#ui/page.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useKeypairActions } from './actions.tsx';
import { CreateKeypairDialog } from './create-dialog.tsx';
import { keypairTexts } from './texts.ts';

/** The key pairs of who is signed in. */
export function Screen() {
  const t = useText(keypairTexts);
  const ui = useText(uiTexts);
  const app = useText(appTexts);
  const query = useList(keypairs);
  const open = useDialog();
  const actions = useKeypairActions();
  const columns = useMemo<readonly Column<Keypair>[]>(
    () => [
      { id: 'name', title: ui.name, value: ({ name }) => name, width: 'minmax(8rem, 1fr)' },
      {
        id: 'type',
        title: t.type,
        value: ({ public_key, type }) => public_key.trim().split(/\s+/)[0] ?? type,
        width: 'minmax(7rem, 12rem)',
      },
      {
        id: 'comment',
        title: t.comment,
        value: ({ public_key }) => public_key.trim().split(/\s+/).slice(2).join(' '),
      },
      {
        id: 'fingerprint',
        title: t.fingerprint,
        value: ({ fingerprint }) => fingerprint,
        cell: ({ fingerprint }) => <Code>{fingerprint}</Code>,
        width: 'minmax(12rem, 26rem)',
      },
    ],
    [t, ui],
  );
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => open((close) => <CreateKeypairDialog close={close} />)}>
      {t.create}
    </Button>
  );
  return (
    <Page title={app.keyPairs} actions={create}>
      <ResourceTable
        label={app.keyPairs}
        query={query}
        columns={columns}
        nameOf={({ name }) => name}
        actions={actions}
        empty={
          <EmptyNotice icon={IconKey} title={t.emptyTitle} action={create}>
            {t.empty}
          </EmptyNotice>
        }
      />
    </Page>
  );
}
