import { ActionIcon, Button, Group, Menu, Tooltip } from '@mantine/core';
import { IconDots, type TablerIcon } from '@tabler/icons-react';
import { Fragment, useEffect, useRef, useState } from 'react';
import { useText } from '#i18n/catalogue.ts';
import { uiTexts } from './texts.ts';

/** Something that can be done to one or more things: one declaration for row menus, the bulk bar and page headers. */
export interface Action<T> {
  readonly id: string;
  readonly label: string;
  readonly icon: TablerIcon;
  /** Destroys something: red, and last in menus. */
  readonly danger?: boolean;
  /** Also offered for several at once. */
  readonly many?: boolean;
  /** Why it cannot be done to these now, for the reader; null when it can. */
  readonly refuse?: (items: readonly T[]) => string | null;
  /** Left out of menus and bars where it makes no sense: resuming what runs. Absent: always there, and says why not. */
  readonly offer?: (items: readonly T[]) => boolean;
  /** Begins a part of a menu, under this heading. */
  readonly heading?: string;
  /** Does it, or opens the dialog that asks first. */
  readonly run: (items: readonly T[]) => void;
}

/** Those that make sense for these. */
export const offered = <T,>(actions: readonly Action<T>[], items: readonly T[]): readonly Action<T>[] =>
  actions.filter((one) => one.offer?.(items) ?? true);

const refusal = <T,>(action: Action<T>, items: readonly T[]): string | null => action.refuse?.(items) ?? null;

interface ActionMenuProps<T> {
  readonly actions: readonly Action<T>[];
  readonly items: readonly T[];
  /** What the actions are on, for screen readers. */
  readonly label: string;
  readonly variant?: 'icon' | 'button';
}

/** All actions on things, behind one button. Those that cannot be done stay visible and say why. */
export function ActionMenu<T>(props: ActionMenuProps<T>) {
  const t = useText(uiTexts);
  const [used, setUsed] = useState(false);
  if (props.variant === 'button' || used) return <MadeMenu {...props} open={used} />;
  // A row's menu costs as much as the rest of the row, and hardly any is ever opened.
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={t.actionsOn(props.label)}
      aria-haspopup="menu"
      aria-expanded={false}
      onClick={() => setUsed(true)}
    >
      <IconDots size={18} />
    </ActionIcon>
  );
}

function MadeMenu<T>({
  actions,
  items,
  label,
  variant = 'icon',
  open,
}: ActionMenuProps<T> & {
  /** Open it at once: its button takes the place, and the focus, of the one that was clicked. */
  readonly open: boolean;
}) {
  const t = useText(uiTexts);
  const [opened, setOpened] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    button.current?.focus({ preventScroll: true });
    setOpened(true);
  }, [open]);
  const fit = offered(actions, items);
  const ordered = [...fit.filter((one) => !one.danger), ...fit.filter((one) => one.danger)];
  return (
    <Menu
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      withinPortal
      shadow="md"
      width={280}
      // As high as there is room for; what is more scrolls.
      middlewares={{ flip: true, shift: true, size: true }}
      // Nothing but items in a menu: the first of them takes the focus.
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        {variant === 'icon' ? (
          <ActionIcon ref={button} variant="subtle" color="gray" aria-label={t.actionsOn(label)}>
            <IconDots size={18} />
          </ActionIcon>
        ) : (
          <Button variant="default" rightSection={<IconDots size={16} />}>
            {t.actions}
          </Button>
        )}
      </Menu.Target>
      <Menu.Dropdown style={{ overflowY: 'auto' }}>
        {ordered.map((action, at) => {
          const why = refusal(action, items);
          return (
            <Fragment key={action.id}>
              {action.heading !== undefined && <Menu.Label>{action.heading}</Menu.Label>}
              {action.danger && !ordered[at - 1]?.danger && at > 0 && <Menu.Divider />}
              <Menu.Item
                leftSection={<action.icon size={16} />}
                // Its own colour prop would make the ground of the active item as red as its words.
                {...(action.danger && { c: 'light-dark(var(--mantine-color-red-9), var(--mantine-color-red-3))' })}
                // Focusable, so that the reason can be read by keyboard and by screen readers.
                aria-disabled={why !== null}
                closeMenuOnClick={why === null}
                style={why === null ? undefined : { opacity: 0.55, cursor: 'not-allowed' }}
                onClick={() => why === null && action.run(items)}
              >
                {action.label}
                {why !== null && <span className="action-reason">{why}</span>}
              </Menu.Item>
            </Fragment>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Actions as buttons; those that cannot be done say why when pointed at or focused. */
export function ActionButtons<T>({
  actions,
  items,
}: {
  readonly actions: readonly Action<T>[];
  readonly items: readonly T[];
}) {
  return (
    <Group gap="xs">
      {actions.map((action) => (
        <ActionButton key={action.id} action={action} items={items} />
      ))}
    </Group>
  );
}

export function ActionButton<T>({
  action,
  items,
  primary = false,
}: {
  readonly action: Action<T>;
  readonly items: readonly T[];
  readonly primary?: boolean;
}) {
  const why = refusal(action, items);
  return (
    <Tooltip
      label={why ?? ''}
      disabled={why === null}
      multiline
      maw={320}
      events={{ hover: true, focus: true, touch: true }}
    >
      <Button
        variant={primary ? 'filled' : 'default'}
        {...(action.danger && { color: 'red', variant: 'light' })}
        leftSection={<action.icon size={16} />}
        {...(why !== null && { 'data-disabled': true })}
        aria-disabled={why !== null}
        onClick={(event) => (why === null ? action.run(items) : event.preventDefault())}
      >
        {action.label}
      </Button>
    </Tooltip>
  );
}
