/** One server's part in a project's usage. */
export interface ServerUsage {
  readonly instance_id: string;
  readonly name: string;
  readonly flavor: string;
  readonly hours: number;
  readonly vcpus: number;
  /** MiB */
  readonly memory_mb: number;
  /** GiB */
  readonly local_gb: number;
  readonly state: string;
  readonly started_at: string;
  readonly ended_at: string | null;
}
/** What a project's servers have used: hours, times what they are made of. */
export interface TenantUsage {
  readonly total_hours: number;
  readonly total_vcpus_usage: number;
  /** MiB hours */
  readonly total_memory_mb_usage: number;
  /** GiB hours */
  readonly total_local_gb_usage: number;
  readonly server_usages: readonly ServerUsage[];
}

/** Two pages as one. */
export const addUsage = (a: TenantUsage | null, b: TenantUsage): TenantUsage =>
  a === null
    ? b
    : {
        total_hours: a.total_hours + b.total_hours,
        total_vcpus_usage: a.total_vcpus_usage + b.total_vcpus_usage,
        total_memory_mb_usage: a.total_memory_mb_usage + b.total_memory_mb_usage,
        total_local_gb_usage: a.total_local_gb_usage + b.total_local_gb_usage,
        server_usages: [...a.server_usages, ...b.server_usages],
      };

/** A day as date inputs have it: `2026-11-23`, in the reader's own zone. */
export const dayOf = (time: Date): string =>
  `${time.getFullYear()}-${String(time.getMonth() + 1).padStart(2, '0')}-${String(time.getDate()).padStart(2, '0')}`;

/** So many days before another day. */
export const daysBefore = (time: Date, days: number): Date =>
  new Date(time.getFullYear(), time.getMonth(), time.getDate() - days);

const midnight = (day: string, later = 0): Date | null => {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day) ?? [];
  return year === undefined ? null : new Date(Number(year), Number(month) - 1, Number(date) + later);
};
const utc = (time: Date): string => time.toISOString().slice(0, 19);

/**
 * Two days, both whole, as Nova takes a period (UTC, no zone); today goes until now, as nothing has been used later.
 * @returns null when a day is missing or they are in the wrong order
 */
export function periodOf(from: string, to: string, now: Date): { readonly start: string; readonly end: string } | null {
  const start = midnight(from);
  const after = midnight(to, 1);
  if (!start || !after || start >= after || start > now) return null;
  return { start: utc(start), end: utc(after > now ? now : after) };
}
