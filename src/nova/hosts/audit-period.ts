/** A span of time, UTC: from `begin` up to and without `end`. */
export interface Period {
  readonly begin: Date;
  readonly end: Date;
}

const units = ['hour', 'day', 'month', 'year'] as const;
type Unit = (typeof units)[number];

/** Offsets count from 1 where people count so: `day@3` begins at 3 o'clock, `month@2` on the second day. */
const startOf = (unit: Unit, year: number, month: number, day: number, hour: number, offset: number): Date =>
  new Date(
    unit === 'hour'
      ? Date.UTC(year, month, day, hour, offset)
      : unit === 'day'
        ? Date.UTC(year, month, day, offset)
        : unit === 'month'
          ? Date.UTC(year, month, offset || 1)
          : Date.UTC(year, (offset || 1) - 1, 1),
  );

/**
 * The last period that has ended at `now`.
 * @param setting `instance_usage_audit_period`: `month`, `day@3`
 * @throws Error for another word
 */
export function lastPeriod(setting: string, now: Date): Period {
  const [word = '', shift = '0'] = setting.split('@');
  const unit = units.find((one) => one === word);
  if (!unit || !/^\d+$/.test(shift))
    throw new Error(
      `instance_usage_audit_period = ${setting}: it must be hour, day, month or year, and may end in @number.`,
    );
  const [year, month, day, hour] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), now.getUTCHours()];
  const at = (steps: number): Date =>
    startOf(
      unit,
      unit === 'year' ? year + steps : year,
      unit === 'month' ? month + steps : month,
      unit === 'day' ? day + steps : day,
      unit === 'hour' ? hour + steps : hour,
      Number(shift),
    );
  const current = at(0);
  return current <= now ? { begin: at(-1), end: current } : { begin: at(-2), end: at(-1) };
}
