import { Button, Menu, ScrollArea, Text, TextInput } from '@mantine/core';
import { IconBuilding, IconCheck, IconChevronDown } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { changeScope, useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { work } from '#ui/work.ts';
import { appTexts } from '../texts.ts';

/** Which project one works in, and the way to another without signing in again. */
export function ProjectMenu() {
  const t = useText(appTexts);
  const session = useSignedIn();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const shown = session.projects.filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()));
  const change = (scope: Parameters<typeof changeScope>[0], name: string): void => {
    // What was open belongs to the old project.
    void work({
      doing: `${t.switchProject}: ${name}`,
      done: null,
      failed: t.switchProject,
      run: () => changeScope(scope),
    }).then((ok) => (ok ? navigate({ to: '/' }) : undefined));
  };
  return (
    <Menu position="bottom-start" width={300} onClose={() => setText('')}>
      <Menu.Target>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconBuilding size={14} />}
          rightSection={<IconChevronDown size={14} />}
          aria-label={`${t.project}: ${session.project.name}`}
          maw={220}
        >
          {session.project.name}
          {session.regions.length > 1 && ` · ${session.region}`}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {session.projects.length > 8 && (
          <TextInput
            placeholder={t.findProject}
            aria-label={t.findProject}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            m={4}
          />
        )}
        <Menu.Label>{t.switchProject}</Menu.Label>
        <ScrollArea.Autosize mah={360}>
          {shown.map(({ id, name }) => (
            <Menu.Item
              key={id}
              leftSection={id === session.project.id ? <IconCheck size={14} /> : <span style={{ width: 14 }} />}
              aria-current={id === session.project.id}
              onClick={() => id !== session.project.id && change({ projectId: id }, name)}
            >
              <Text size="sm" truncate>
                {name}
              </Text>
            </Menu.Item>
          ))}
        </ScrollArea.Autosize>
        {session.regions.length > 1 && (
          <>
            <Menu.Label>{t.region}</Menu.Label>
            {session.regions.map((region) => (
              <Menu.Item
                key={region}
                aria-current={region === session.region}
                onClick={() => change({ region }, region)}
              >
                {region}
              </Menu.Item>
            ))}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
