import { Button, Tooltip } from '@mantine/core';
import type { Server } from '#api/compute/servers.ts';
import { useServerActions } from '../actions.tsx';

/** Some of a server's actions, as small buttons; those that cannot be done say why. */
export function SectionActions({ server, ids }: { readonly server: Server; readonly ids: readonly string[] }) {
  const actions = useServerActions();
  return ids.flatMap((id) => {
    const action = actions.find((one) => one.id === id);
    if (!action) return [];
    const why = action.refuse?.([server]) ?? null;
    return [
      <Tooltip
        key={id}
        label={why ?? ''}
        disabled={why === null}
        multiline
        maw={320}
        events={{ hover: true, focus: true, touch: true }}
      >
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<action.icon size={14} />}
          aria-disabled={why !== null}
          {...(why !== null && { 'data-disabled': true })}
          onClick={() => why === null && action.run([server])}
        >
          {action.label}
        </Button>
      </Tooltip>,
    ];
  });
}
