import { Group, Tooltip } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import type { Server } from '#api/compute/servers.ts';
import { useText } from '#i18n/catalogue.ts';
import { Status, toneOf, type Tone } from '#ui/status.tsx';
import { instanceTexts } from './texts.ts';

/** Of a server: something that goes on makes it busy, whatever its status. */
export const serverTone = (server: Server): Tone => (server['OS-EXT-STS:task_state'] ? 'busy' : toneOf(server.status));

/** A server's status; of one that failed, why, when pointed at or focused. */
export function ServerStatus({ server }: { readonly server: Server }) {
  const t = useText(instanceTexts);
  const why = server.fault?.message;
  const badge = (
    <Status
      status={server.status}
      tone={serverTone(server)}
      task={repeats(server) ? null : server['OS-EXT-STS:task_state']}
    />
  );
  return (
    <Group gap={6} wrap="nowrap">
      {why === undefined ? (
        badge
      ) : (
        <Tooltip label={why} multiline maw={420} events={{ hover: true, focus: true, touch: true }}>
          <span tabIndex={0}>
            {badge}
            <span className="visually-hidden">{t.why(why)}</span>
          </span>
        </Tooltip>
      )}
      {server.locked && <IconLock size={14} role="img" aria-label={t.lockedMark} />}
    </Group>
  );
}

/** Statuses that say already what goes on. */
const repeats = ({ status }: Server): boolean =>
  ['REBOOT', 'HARD_REBOOT', 'RESIZE', 'REVERT_RESIZE', 'REBUILD', 'MIGRATING', 'PASSWORD'].includes(status);
