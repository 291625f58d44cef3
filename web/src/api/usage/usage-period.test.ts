import { describe, expect, it } from 'vitest';
import { addUsage, dayOf, daysBefore, periodOf, type TenantUsage } from './usage-period.ts';

const now = new Date(2026, 10, 23, 12, 30);
const utc = (time: Date): string => time.toISOString().slice(0, 19);

describe('periodOf', () => {
  it('takes both days whole, in UTC', () => {
    expect(periodOf('2026-11-01', '2026-11-02', now)).toEqual({
      start: utc(new Date(2026, 10, 1)),
      end: utc(new Date(2026, 10, 3)),
    });
  });
  it('ends now at the latest', () => {
    expect(periodOf('2026-11-23', '2026-11-30', now)?.end).toBe(utc(now));
  });
  it('refuses days that are missing, in the wrong order or to come', () => {
    expect(periodOf('', '2026-11-02', now)).toBeNull();
    expect(periodOf('2026-11-03', '2026-11-02', now)).toBeNull();
    expect(periodOf('2026-12-01', '2026-12-02', now)).toBeNull();
  });
});

it('names days', () => {
  expect(dayOf(daysBefore(now, 30))).toBe('2026-10-24');
});

it('adds pages', () => {
  const page = (hours: number, id: string): TenantUsage => ({
    total_hours: hours,
    total_vcpus_usage: 2 * hours,
    total_memory_mb_usage: 512 * hours,
    total_local_gb_usage: hours,
    server_usages: [{ instance_id: id } as TenantUsage['server_usages'][number]],
  });
  const sum = addUsage(addUsage(null, page(1, 'a')), page(2, 'b'));
  expect(sum.total_hours).toBe(3);
  expect(sum.total_memory_mb_usage).toBe(1536);
  expect(sum.server_usages.map((one) => one.instance_id)).toEqual(['a', 'b']);
});
