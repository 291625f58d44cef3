import { ActionIcon, Menu, useMantineColorScheme } from '@mantine/core';
import {
  IconDeviceDesktop,
  IconLogout,
  IconMoon,
  IconRoute,
  IconSun,
  IconUser,
  IconUserCircle,
} from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { signOut, useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { languages, setLanguage, type Language } from '#i18n/language.ts';
import { startTour } from '../tour/tour-state.ts';
import { appTexts } from '../texts.ts';

export function UserMenu() {
  const t = useText(appTexts);
  const { user, roles } = useSignedIn();
  const { setColorScheme } = useMantineColorScheme();
  const navigate = useNavigate();
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label={user.name}>
          <IconUserCircle size={20} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {user.name} · {roles.join(', ')}
        </Menu.Label>
        <Menu.Item leftSection={<IconUser size={16} />} onClick={() => void navigate({ to: '/profile' })}>
          {t.profile}
        </Menu.Item>
        <Menu.Item leftSection={<IconRoute size={16} />} onClick={startTour}>
          {t.tour}
        </Menu.Item>
        <Menu.Label>{t.appearance}</Menu.Label>
        <Menu.Item leftSection={<IconSun size={16} />} onClick={() => setColorScheme('light')}>
          {t.light}
        </Menu.Item>
        <Menu.Item leftSection={<IconMoon size={16} />} onClick={() => setColorScheme('dark')}>
          {t.dark}
        </Menu.Item>
        <Menu.Item leftSection={<IconDeviceDesktop size={16} />} onClick={() => setColorScheme('auto')}>
          {t.automatic}
        </Menu.Item>
        <Menu.Label>{t.language}</Menu.Label>
        {Object.entries(languages).map(([tag, name]) => (
          <Menu.Item key={tag} lang={tag} onClick={() => setLanguage(tag as Language)}>
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          {t.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
