import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { goThere, stayHere, useSession } from '#api/session.ts';
import type { SignedIn } from '#api/session-document.ts';
import { useText } from '#i18n/catalogue.ts';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { appTexts } from '../texts.ts';

/** Tabs share a session: when another one has changed the project, this one asks before anything is done in the wrong one. */
export function WentElsewhere({ there }: { readonly there: SignedIn }) {
  const t = useText(appTexts);
  const session = useSession();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  if (!session.signedIn) return null;
  const nameOf = ({ project, region, regions }: SignedIn): string =>
    regions.length > 1 ? `${project.name} · ${region}` : project.name;
  const stay = async (): Promise<void> => {
    setBusy(true);
    await stayHere().catch(setError);
    setBusy(false);
  };
  return (
    <Modal opened onClose={() => undefined} withCloseButton={false} title={t.elsewhere} zIndex={1000}>
      <Stack>
        <Text size="sm">{t.elsewhereText(nameOf(session), nameOf(there))}</Text>
        <ErrorNotice error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={goThere} disabled={busy}>
            {t.goOnTo(nameOf(there))}
          </Button>
          <Button onClick={() => void stay()} loading={busy} data-autofocus>
            {t.stayIn(nameOf(session))}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
