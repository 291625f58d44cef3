import { AppShell, Badge, Burger, Button, Group, Kbd, NavLink, ScrollArea, Text, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useLive } from '#api/live-state.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { Tour } from '#app/tour/tour.tsx';
import { screens, type NavGroup, type Screen } from '../screens.ts';
import { appTexts } from '../texts.ts';
import { LanguageMenu } from './language-menu.tsx';
import { Palette, usePalette } from './palette.tsx';
import { ProjectMenu } from './project-menu.tsx';
import { UserMenu } from './user-menu.tsx';

const groups: readonly NavGroup[] = [
  'projectNav',
  'computeNav',
  'storageNav',
  'networkNav',
  'adminNav',
  'identityNav',
  'systemNav',
];

/** The frame around every screen: who and where one is, and the way to everything. */
export function Shell() {
  const t = useText(appTexts);
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  const palette = usePalette();
  useEffect(close, [pathname, close]);
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="md"
    >
      <AppShell.Header>
        <a href="#content" className="skip-link">
          {t.skip}
        </a>
        <Group h="100%" px="sm" justify="space-between" wrap="nowrap" gap="xs">
          <Group gap="xs" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={t.navigation}
              aria-expanded={opened}
            />
            <Link to="/" aria-label={t.igloo} style={{ display: 'flex' }}>
              <img src="/dashboard/igloo.svg" width={28} height={28} alt="" />
            </Link>
            <ProjectMenu />
          </Group>
          <Group gap="xs" wrap="nowrap">
            <Button
              variant="default"
              size="xs"
              leftSection={<IconSearch size={14} />}
              rightSection={<Kbd size="xs">Ctrl K</Kbd>}
              onClick={palette.open}
              visibleFrom="xs"
            >
              {t.palette}
            </Button>
            <LiveBadge />
            <Group gap={0} visibleFrom="sm">
              <LanguageMenu />
            </Group>
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label={t.navigation}>
        <ScrollArea type="auto">
          {groups.map((group) => (
            <NavSection key={group} group={group} />
          ))}
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="content">
        <Outlet />
      </AppShell.Main>
      <Palette {...palette} />
      <Tour />
    </AppShell>
  );
}

function NavSection({ group }: { readonly group: NavGroup }) {
  const t = useText(appTexts);
  const session = useSignedIn();
  const { pathname } = useLocation();
  const shown = screens.filter(
    (screen) =>
      screen.nav === group &&
      (!screen.admin || session.isAdmin) &&
      (!screen.service || session.services[screen.service]),
  );
  if (shown.length === 0) return null;
  return (
    <>
      <Text size="xs" c="dimmed" fw={600} px="sm" pt="sm" pb={2}>
        {t[group]}
      </Text>
      {shown.map((screen) => (
        <NavLink
          key={screen.path}
          label={t[screen.title]}
          leftSection={<screen.icon size={17} aria-hidden />}
          active={isAt(screen, pathname)}
          aria-current={isAt(screen, pathname) ? 'page' : undefined}
          {...(isAt(screen, pathname) && { ref: intoView })}
          py={5}
          style={{ borderRadius: 'var(--mantine-radius-sm)' }}
          renderRoot={(props) => <Link to={screen.path} {...props} />}
        />
      ))}
    </>
  );
}

/** The navigation of administrators is longer than most windows. */
const intoView = (link: HTMLElement | null): void => link?.scrollIntoView({ block: 'nearest' });

const isAt = ({ path }: Screen, pathname: string): boolean =>
  path === '/' ? pathname === '/' || pathname === '' : pathname === path || pathname.startsWith(`${path}/`);

function LiveBadge() {
  const t = useText(appTexts);
  const live = useLive();
  return (
    <Tooltip
      label={live ? t.liveHint : t.pollingHint}
      events={{ hover: true, focus: true, touch: true }}
      multiline
      maw={260}
    >
      <Badge
        variant="dot"
        color={live ? 'teal' : 'orange'}
        tabIndex={0}
        role="status"
        tt="none"
        data-testid="live"
        visibleFrom="xs"
      >
        {live ? t.live : t.polling}
      </Badge>
    </Tooltip>
  );
}
