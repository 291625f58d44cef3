import { Badge, Loader } from '@mantine/core';
import { useText } from '#i18n/catalogue.ts';
import { statusTexts } from './status-texts.ts';

/** What a status means at a glance. */
export type Tone = 'good' | 'busy' | 'bad' | 'off' | 'warn';
const colors: Readonly<Record<Tone, string>> = { good: 'teal', busy: 'blue', bad: 'red', off: 'gray', warn: 'orange' };

const good = new Set(['ACTIVE', 'AVAILABLE', 'IN-USE', 'UP', 'ENABLED', 'ONLINE', 'SUCCESS', 'SUCCEEDED']);
const bad = new Set(['ERROR', 'DOWN', 'FAILED', 'KILLED', 'ERROR_DELETING', 'ERROR_RESTORING', 'ERROR_EXTENDING']);
const off = new Set([
  'SHUTOFF',
  'SUSPENDED',
  'PAUSED',
  'SHELVED',
  'SHELVED_OFFLOADED',
  'DEACTIVATED',
  'DISABLED',
  'DELETED',
  'SOFT_DELETED',
  'N/A',
]);
const warn = new Set(['VERIFY_RESIZE', 'RESCUE', 'UNKNOWN', 'DEGRADED', 'MAINTENANCE', 'PASSWORD']);

export function toneOf(status: string): Tone {
  const key = status.toUpperCase();
  if (good.has(key)) return 'good';
  if (bad.has(key) || key.startsWith('ERROR')) return 'bad';
  if (off.has(key)) return 'off';
  if (warn.has(key)) return 'warn';
  return 'busy';
}

/** A status in words and colour; something that goes on turns. */
export function Status({
  status,
  tone = toneOf(status),
  task,
}: {
  readonly status: string;
  readonly tone?: Tone;
  readonly task?: string | null;
}) {
  const t = useText(statusTexts);
  const words = (t as Readonly<Record<string, string>>)[status.toUpperCase()] ?? status;
  const busy = tone === 'busy' || (task != null && task !== '');
  return (
    <Badge
      color={colors[busy ? 'busy' : tone]}
      variant="light"
      radius="sm"
      tt="none"
      leftSection={busy ? <Loader size={10} color="currentColor" /> : undefined}
      title={status}
    >
      {words}
      {task != null && task !== '' && `: ${(t as Readonly<Record<string, string>>)[task] ?? task}`}
    </Badge>
  );
}
