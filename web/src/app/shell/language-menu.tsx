import { Button, Menu } from '@mantine/core';
import { IconLanguage } from '@tabler/icons-react';
import { useText } from '#i18n/catalogue.ts';
import { languages, setLanguage, useLanguage, type Language } from '#i18n/language.ts';
import { appTexts } from '../texts.ts';

export function LanguageMenu() {
  const t = useText(appTexts);
  const now = useLanguage();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconLanguage size={16} />}
          aria-label={`${t.language}: ${languages[now]}`}
        >
          {languages[now]}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {Object.entries(languages).map(([tag, name]) => (
          <Menu.Item key={tag} lang={tag} onClick={() => setLanguage(tag as Language)} aria-current={tag === now}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
