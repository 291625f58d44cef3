import { Group, Kbd, Modal, ScrollArea, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { IconSearch, type TablerIcon } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState, type KeyboardEvent } from 'react';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { screens } from '../screens.ts';
import { appTexts } from '../texts.ts';
import { usePaletteThings } from './palette-things.ts';
import classes from './palette.module.css';

export interface PaletteEntry {
  readonly id: string;
  readonly label: string;
  /** What kind of entry it is: `Go to`, `Instances`. */
  readonly group: string;
  readonly icon: TablerIcon;
  readonly run: () => void;
}

interface PaletteState {
  readonly opened: boolean;
  readonly open: () => void;
  readonly close: () => void;
}

/** Ctrl-K (⌘K) from anywhere, also from within a field. */
export function usePalette(): PaletteState {
  const [opened, { open, close, toggle }] = useDisclosure();
  useHotkeys([['mod+K', toggle]], [], true);
  return { opened, open, close };
}

export function Palette({ opened, close }: PaletteState) {
  return opened ? <OpenPalette close={close} /> : null;
}

function OpenPalette({ close }: { readonly close: () => void }) {
  const t = useText(appTexts);
  const session = useSignedIn();
  const navigate = useNavigate();
  const things = usePaletteThings();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const entries = useMemo<readonly PaletteEntry[]>(
    () => [
      ...screens
        .filter(
          (one) =>
            !one.path.includes('$') &&
            (!one.admin || session.isAdmin) &&
            (!one.service || session.services[one.service]),
        )
        .map((one) => ({
          id: one.path,
          label: t[one.title],
          group: t.goTo,
          icon: one.icon,
          run: () => void navigate({ to: one.path }),
        })),
      ...things,
    ],
    [session, t, navigate, things],
  );
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = entries
    .filter(({ label, group }) => words.every((word) => `${label} ${group}`.toLowerCase().includes(word)))
    .slice(0, 50);
  const current = Math.min(at, found.length - 1);
  const choose = (entry: PaletteEntry | undefined): void => {
    if (!entry) return;
    close();
    entry.run();
  };
  const key = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(found.length - 1, current + step)));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(found[current]);
    }
  };
  return (
    <Modal opened onClose={close} withCloseButton={false} size="lg" yOffset="10vh" padding={0} aria-label={t.palette}>
      <TextInput
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={key}
        placeholder={t.paletteHint}
        aria-label={t.palette}
        role="combobox"
        aria-expanded
        aria-controls="palette-list"
        aria-activedescendant={found.length > 0 ? `palette-${current}` : undefined}
        leftSection={<IconSearch size={18} />}
        rightSection={<Kbd size="xs">Esc</Kbd>}
        size="md"
        variant="unstyled"
        px="sm"
        data-autofocus
      />
      <ScrollArea.Autosize mah="50vh" className={classes['list'] ?? ''}>
        <div role="listbox" id="palette-list" aria-label={t.palette}>
          {found.map((entry, index) => (
            <UnstyledButton
              key={entry.id}
              id={`palette-${index}`}
              role="option"
              aria-selected={index === current}
              tabIndex={-1}
              className={classes['entry'] ?? ''}
              ref={index === current ? scrollTo : undefined}
              onMouseMove={() => setAt(index)}
              onClick={() => choose(entry)}
            >
              <Group gap="sm" wrap="nowrap">
                <entry.icon size={17} aria-hidden />
                <Text size="sm" truncate style={{ flex: 1 }}>
                  {entry.label}
                </Text>
                <Text size="xs" c="dimmed">
                  {entry.group}
                </Text>
              </Group>
            </UnstyledButton>
          ))}
        </div>
        {found.length === 0 && (
          <Text p="md" size="sm" c="dimmed">
            {t.paletteNothing}
          </Text>
        )}
      </ScrollArea.Autosize>
    </Modal>
  );
}

const scrollTo = (element: HTMLElement | null): void => element?.scrollIntoView({ block: 'nearest' });
