import { Button, Center, Group, Modal, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { ApiFault } from '#api/fault.ts';
import { signIn, signOut, useSession } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { LanguageMenu } from '../shell/language-menu.tsx';
import { appTexts } from '../texts.ts';

interface FormProps {
  readonly username: string;
  readonly password?: string;
  readonly domain?: string;
  /** The name cannot be changed: the same person goes on. */
  readonly fixed?: boolean;
}

function SignInForm({ username, password = '', domain = '', fixed = false }: FormProps) {
  const t = useText(appTexts);
  const session = useSession();
  const [name, setName] = useState(username);
  const [secret, setSecret] = useState(password);
  const [where, setWhere] = useState(domain);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const send = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await signIn({ username: name, password: secret, ...(where !== '' && { domain: where }) });
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void send();
      }}
    >
      <Stack>
        <TextInput
          label={t.userName}
          name="username"
          autoComplete="username"
          value={name}
          readOnly={fixed}
          required
          autoFocus={!fixed && username === ''}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          label={t.password}
          name="password"
          autoComplete="current-password"
          value={secret}
          required
          autoFocus={fixed || username !== ''}
          // Over the page, the dialog gives the focus to what it finds first otherwise.
          {...(fixed && { 'data-autofocus': true })}
          onChange={(event) => setSecret(event.currentTarget.value)}
        />
        {session.multiDomain && !fixed && (
          <TextInput
            label={t.domain}
            placeholder="Default"
            value={where}
            onChange={(event) => setWhere(event.currentTarget.value)}
          />
        )}
        <Refused error={error} />
        <Button type="submit" loading={busy} fullWidth>
          {t.signIn}
        </Button>
      </Stack>
    </form>
  );
}

/** Our own words for what we know; the server's for the rest. */
function Refused({ error }: { readonly error: unknown }) {
  const t = useText(appTexts);
  const known: Readonly<Record<string, string>> = {
    credentials: t.wrongPassword,
    'no-project': t.noProject,
    'store-unavailable': t.storeAway,
  };
  const words = error instanceof ApiFault && error.code !== null ? known[error.code] : undefined;
  return <ErrorNotice error={words === undefined ? error : words} title={t.signIn} />;
}

export function SignInPage({ typed }: { readonly typed: { readonly username: string; readonly password: string } }) {
  const t = useText(appTexts);
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder p="xl" w={400} shadow="sm">
        <Group mb="lg" justify="space-between">
          <Group gap="sm">
            <img src="/dashboard/igloo.svg" width={36} height={36} alt="" />
            <Title order={1} size="h3">
              {t.igloo}
            </Title>
          </Group>
          <LanguageMenu />
        </Group>
        <SignInForm {...typed} />
      </Paper>
    </Center>
  );
}

/** Over whatever somebody was doing when the token ended. */
export function SignInAgain() {
  const t = useText(appTexts);
  const session = useSession();
  if (!session.signedIn) return null;
  return (
    <Modal opened onClose={() => undefined} withCloseButton={false} title={t.signInAgain} zIndex={1000}>
      <Stack>
        <Text size="sm">{t.signedOutMeanwhile}</Text>
        <SignInForm username={session.user.name} domain={session.user.domain.name} fixed />
        <Button variant="subtle" onClick={() => void signOut()}>
          {t.signOut}
        </Button>
      </Stack>
    </Modal>
  );
}
