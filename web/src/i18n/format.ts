import { useSession } from '#api/session.ts';
import { useLanguage, type Language } from './language.ts';

/** How times, sizes and numbers are written, in the reader's language and zone. */
export interface Format {
  /** `23 Nov 2026, 08:03:16` */
  time(iso: string | null | undefined): string;
  /** `08:03:16` */
  clock(iso: string): string;
  /** `3 minutes ago` */
  ago(iso: string | null | undefined): string;
  /** Bytes as KiB, MiB, GiB. */
  bytes(bytes: number | null | undefined): string;
  /** MiB as nova gives memory. */
  mib(mib: number): string;
  /** GiB as nova and cinder give disks. */
  gib(gib: number): string;
  number(value: number): string;
  /** Seconds as `2 h 5 min`. */
  span(seconds: number): string;
  list(items: readonly string[]): string;
}

const DASH = '–';

/** Services give UTC, some without saying so. */
export const instant = (iso: string): Date => new Date(/(Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`);

export function makeFormat(language: Language, timeZone: string | undefined): Format {
  const zone = timeZone === undefined ? {} : { timeZone };
  const time = new Intl.DateTimeFormat(language, {
    dateStyle: 'medium',
    timeStyle: 'medium',
    hourCycle: 'h23',
    ...zone,
  });
  const clock = new Intl.DateTimeFormat(language, { timeStyle: 'medium', hourCycle: 'h23', ...zone });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const list = new Intl.ListFormat(language, { type: 'conjunction' });
  const unit = (value: number, name: string): string =>
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits: 0,
    }).format(value);
  const scaled = (value: number, units: readonly string[]): string => {
    let left = value;
    let index = 0;
    while (Math.abs(left) >= 1024 && index < units.length - 1) {
      left /= 1024;
      index++;
    }
    return `${number.format(left)} ${units[index]}`;
  };
  return {
    time: (iso) => (iso ? time.format(instant(iso)) : DASH),
    clock: (iso) => clock.format(instant(iso)),
    ago(iso) {
      if (!iso) return DASH;
      const seconds = (instant(iso).getTime() - Date.now()) / 1000;
      const steps = [
        ['day', 86_400],
        ['hour', 3600],
        ['minute', 60],
      ] as const;
      for (const [name, size] of steps)
        if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), name);
      return relative.format(Math.min(0, Math.round(seconds)), 'second');
    },
    bytes: (bytes) => (bytes == null ? DASH : scaled(bytes, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'])),
    mib: (mib) => scaled(mib, ['MiB', 'GiB', 'TiB']),
    gib: (gib) => scaled(gib, ['GiB', 'TiB']),
    number: (value) => number.format(value),
    span(seconds) {
      if (seconds < 1) return unit(Math.max(0, Math.round(seconds * 1000)), 'millisecond');
      const parts = [
        ['day', Math.floor(seconds / 86_400)],
        ['hour', Math.floor(seconds / 3600) % 24],
        ['minute', Math.floor(seconds / 60) % 60],
        ['second', Math.floor(seconds) % 60],
      ] as const;
      const first = parts.findIndex(([, value]) => value > 0);
      return parts
        .slice(first < 0 ? 3 : first, (first < 0 ? 3 : first) + 2)
        .map(([name, value]) => unit(value, name))
        .join(' ');
    },
    list: (items) => list.format(items),
  };
}

/** Each costs a millisecond to make, and every row of a list asks for one. */
const made = new Map<string, Format>();

export function useFormat(): Format {
  const language = useLanguage();
  const { timeZone } = useSession();
  const key = `${language} ${timeZone ?? ''}`;
  const format = made.get(key) ?? makeFormat(language, timeZone ?? undefined);
  made.set(key, format);
  return format;
}
