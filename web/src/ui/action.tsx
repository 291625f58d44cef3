import { ActionIcon, Button, Group, Menu, Tooltip } from '@mantine/core';
import { IconDots, type TablerIcon } from '@tabler/icons-react';
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
  /** Does it, or opens the dialog that asks first. */
  readonly run: (items: readonly T[]) => void;
}

const refusal = <T,>(action: Action<T>, items: readonly T[]): string | null => action.refuse?.(items) ?? null;

/** All actions on things, behind one button. Those that cannot be done stay visible and say why. */
export function ActionMenu<T>({
  actions,
  items,
  label,
  variant = 'icon',
}: {
  readonly actions: readonly Action<T>[];
  readonly items: readonly T[];
  /** What the actions are on, for screen readers. */
  readonly label: string;
  readonly variant?: 'icon' | 'button';
}) {
  const t = useText(uiTexts);
  const ordered = [...actions.filter((one) => !one.danger), ...actions.filter((one) => one.danger)];
  return (
    <Menu position="bottom-end" withinPortal shadow="md" width={260}>
      <Menu.Target>
        {variant === 'icon' ? (
          <ActionIcon variant="subtle" color="gray" aria-label={t.actionsOn(label)}>
            <IconDots size={18} />
          </ActionIcon>
        ) : (
          <Button variant="default" rightSection={<IconDots size={16} />}>
            {t.actions}
          </Button>
        )}
      </Menu.Target>
      <Menu.Dropdown>
        {ordered.map((action) => {
          const why = refusal(action, items);
          return (
            <Menu.Item
              key={action.id}
              leftSection={<action.icon size={16} />}
              {...(action.danger && { color: 'red' })}
              // Focusable, so that the reason can be read by keyboard and by screen readers.
              aria-disabled={why !== null}
              closeMenuOnClick={why === null}
              style={why === null ? undefined : { opacity: 0.55, cursor: 'not-allowed' }}
              onClick={() => why === null && action.run(items)}
            >
              {action.label}
              {why !== null && <span className="action-reason">{why}</span>}
            </Menu.Item>
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
