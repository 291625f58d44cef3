import {
  Alert,
  Button,
  Group,
  Paper,
  PasswordInput,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Text,
  Title,
  useMantineColorScheme,
} from '@mantine/core';
import { useState } from 'react';
import { appTexts } from '#app/texts.ts';
import { changePassword } from '#api/identity/password.ts';
import { users } from '#api/identity/identity.ts';
import { useOne } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { languages, setLanguage, useLanguage, type Language } from '#i18n/language.ts';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Facts } from '#ui/facts.tsx';
import { Page } from '#ui/page.tsx';
import { useFields } from '#ui/use-fields.ts';
import { profileTexts } from './texts.ts';

/** One's own account and how one likes the console. */
export function Screen() {
  const t = useText(profileTexts);
  const app = useText(appTexts);
  const format = useFormat();
  const session = useSignedIn();
  const { data: user } = useOne(users, session.user.id);
  return (
    <Page title={app.profile}>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Paper withBorder p="md">
          <Title order={2} size="h5" mb="sm">
            {t.account}
          </Title>
          <Facts
            rows={[
              [t.name, session.user.name],
              [t.domain, session.user.domain.name],
              [t.email, user?.email ?? null],
              [t.sessionEnds, format.time(session.expiresAt)],
            ]}
          />
        </Paper>
        <Preferences />
        <PasswordForm user={session.user.id} />
      </SimpleGrid>
    </Page>
  );
}

function Preferences() {
  const t = useText(profileTexts);
  const app = useText(appTexts);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        {t.console}
      </Title>
      <Stack gap="sm">
        <Text size="sm" id="language">
          {t.language}
        </Text>
        <SegmentedControl
          aria-labelledby="language"
          value={useLanguage()}
          onChange={(value) => setLanguage(value as Language)}
          data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
        />
        <Text size="sm" id="appearance">
          {t.appearance}
        </Text>
        <SegmentedControl
          aria-labelledby="appearance"
          value={colorScheme}
          onChange={(value) => setColorScheme(value)}
          data={[
            { value: 'auto', label: app.automatic },
            { value: 'light', label: app.light },
            { value: 'dark', label: app.dark },
          ]}
        />
        <Text size="sm" fw={600}>
          {t.keys}
        </Text>
        <Text size="sm">{t.keysText}</Text>
      </Stack>
    </Paper>
  );
}

function PasswordForm({ user }: { readonly user: string }) {
  const t = useText(profileTexts);
  const empty = { now: '', next: '', again: '' };
  const fields = useFields(empty);
  const [state, setState] = useState<'idle' | 'busy' | 'done'>('idle');
  const [error, setError] = useState<unknown>(null);
  const { now, next, again } = fields.values;
  const send = async (): Promise<void> => {
    setState('busy');
    setError(null);
    try {
      await changePassword(user, now, next);
      fields.setAll(empty);
      setState('done');
    } catch (thrown) {
      setError(thrown);
      setState('idle');
    }
  };
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        {t.changePassword}
      </Title>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (state !== 'busy' && next !== '' && next === again) void send();
        }}
      >
        <Stack gap="sm">
          <PasswordInput label={t.now} autoComplete="current-password" required {...fields.text('now')} />
          <PasswordInput label={t.next} autoComplete="new-password" required {...fields.text('next')} />
          <PasswordInput
            label={t.again}
            autoComplete="new-password"
            required
            error={again !== '' && next !== again ? t.differ : undefined}
            {...fields.text('again')}
          />
          <ErrorNotice error={error} />
          {state === 'done' && (
            <Alert color="teal" role="status">
              {t.changed}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button type="submit" loading={state === 'busy'}>
              {t.change}
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
