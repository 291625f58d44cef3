import { Button, Center, Loader, Stack, Text } from '@mantine/core';
import { createRootRoute, createRoute, createRouter, Link } from '@tanstack/react-router';
import { lazy, Suspense, type ReactNode } from 'react';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { DialogHost } from '#ui/dialogs.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Page } from '#ui/page.tsx';
import { screens, type Screen } from './screens.ts';
import { Shell } from './shell/shell.tsx';
import { appTexts } from './texts.ts';

const root = createRootRoute({
  // Dialogs have links too: they are the router's.
  component: () => (
    <DialogHost>
      <Shell />
    </DialogHost>
  ),
  notFoundComponent: NotHere,
});

const routes = screens.map((screen) => {
  const Content = lazy(async () => ({ default: (await screen.load()).Screen }));
  return createRoute({
    getParentRoute: () => root,
    path: screen.path,
    component: () => (
      <Gate screen={screen}>
        <Suspense fallback={<Pending />}>
          <Content />
        </Suspense>
      </Gate>
    ),
    // A link that is pointed at brings its screen's code.
    loader: () => void screen.load(),
    errorComponent: ({ error, reset }) => <Broken error={error} again={reset} />,
  });
});

/** The addresses of the console. */
export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: '/dashboard',
  defaultPreload: 'intent',
  defaultPendingMs: 150,
  scrollRestoration: true,
});

/** What a person may not see, or the cloud has not, is said instead of failing screen by screen. */
function Gate({ screen, children }: { readonly screen: Screen; readonly children: ReactNode }) {
  const t = useText(appTexts);
  const session = useSignedIn();
  if (screen.admin && !session.isAdmin) return <Page title={t.notAdmin}>{t.notAdminText}</Page>;
  if (screen.service && !session.services[screen.service])
    return <Page title={t[screen.title]}>{t.noService(screen.service)}</Page>;
  return children;
}

function Pending() {
  return (
    <Center h={240} role="status" aria-busy>
      <Loader />
    </Center>
  );
}

function Broken({ error, again }: { readonly error: unknown; readonly again: () => void }) {
  const t = useText(appTexts);
  return (
    <Page title={t.broken}>
      <ErrorNotice error={error} retry={outdated(error) ? () => location.reload() : again} />
    </Page>
  );
}

/** A screen's code is gone because the console was updated since this page was loaded. */
const outdated = (error: unknown): boolean => error instanceof TypeError && /module|import/i.test(error.message);

function NotHere() {
  const t = useText(appTexts);
  return (
    <Page title={t.notHere}>
      <Stack align="flex-start">
        <Text ff="monospace">{location.pathname}</Text>
        <Button renderRoot={(props) => <Link to="/" {...props} />}>{t.backToOverview}</Button>
      </Stack>
    </Page>
  );
}
