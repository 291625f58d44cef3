import { Chip, Group } from '@mantine/core';
import { useMemo } from 'react';
import type { Server } from '#api/compute/servers.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Tone } from '#ui/status.tsx';
import { useUrlText } from '#ui/use-url-text.ts';
import { serverTone } from './status-cell.tsx';
import { instanceTexts } from './texts.ts';

const tones: readonly Tone[] = ['good', 'busy', 'off', 'warn', 'bad'];

/** Filters servers by what their state means; kept in the address. */
export function useStatusChips(servers: readonly Server[] | undefined) {
  const t = useText(instanceTexts);
  const [text, setText] = useUrlText('state');
  const counts = useMemo(() => {
    const found = new Map<Tone, number>();
    for (const server of servers ?? []) found.set(serverTone(server), (found.get(serverTone(server)) ?? 0) + 1);
    return found;
  }, [servers]);
  const shown = useMemo(() => {
    const wanted = new Set(text.split(',').filter(Boolean));
    return wanted.size === 0 ? servers : servers?.filter((server) => wanted.has(serverTone(server)));
  }, [servers, text]);
  const wanted = text.split(',').filter(Boolean);
  const chips = (
    <Group gap={6} role="group" aria-label={t.statusFilter}>
      <Chip.Group multiple value={wanted} onChange={(next) => setText(next.join())}>
        {tones
          .filter((tone) => counts.has(tone) || wanted.includes(tone))
          .map((tone) => (
            <Chip key={tone} value={tone} size="xs" variant="outline">
              {t[tone](counts.get(tone) ?? 0)}
            </Chip>
          ))}
      </Chip.Group>
    </Group>
  );
  return { shown, chips };
}
