import { Center, Loader, MantineProvider, Stack } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect } from 'react';
import { ApiFault } from '#api/fault.ts';
import { listen } from '#api/live.ts';
import { resources } from '#api/resources.ts';
import { loadSession, useSessionState } from '#api/session.ts';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { nonce } from './nonce.ts';
import { remember } from './recent-events.ts';
import { router } from './router.tsx';
import { SignInAgain, SignInPage } from './sign-in/sign-in.tsx';
import { WentElsewhere } from './sign-in/went-elsewhere.tsx';
import { contrast, theme } from './theme.ts';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      gcTime: 120_000,
      refetchOnWindowFocus: true,
      // What was refused stays refused; what did not answer may.
      retry: (count, error) => count < 2 && (!(error instanceof ApiFault) || error.status === 0 || error.status >= 500),
    },
  },
});

/** The console: signed out the sign-in form, signed in the screens. */
export function App({ typed }: { readonly typed: { readonly username: string; readonly password: string } }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={contrast}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <Notifications position="bottom-left" limit={4} />
      <QueryClientProvider client={queries}>
        <Door typed={typed} />
      </QueryClientProvider>
    </MantineProvider>
  );
}

function Door({ typed }: { readonly typed: { readonly username: string; readonly password: string } }) {
  const { document: session, ended, elsewhere, trouble } = useSessionState();
  const scope = session?.signedIn ? `${session.user.id}/${session.project.id}/${session.region}` : null;
  useEffect(() => {
    if (scope === null) return undefined;
    // Another project's things are not this one's.
    queries.clear();
    return listen(queries, resources, remember);
  }, [scope]);
  useEffect(() => {
    if (!trouble) return undefined;
    const timer = setTimeout(() => void loadSession(), 3000);
    return () => clearTimeout(timer);
  }, [trouble]);
  if (!session)
    return (
      <Center h="100vh" p="md">
        <Stack>
          {trouble ? <ErrorNotice error={trouble} retry={() => void loadSession()} /> : <Loader role="status" />}
        </Stack>
      </Center>
    );
  if (!session.signedIn) return <SignInPage typed={typed} />;
  return (
    <>
      <RouterProvider key={scope} router={router} />
      {ended && <SignInAgain />}
      {!ended && elsewhere && <WentElsewhere there={elsewhere} />}
    </>
  );
}
