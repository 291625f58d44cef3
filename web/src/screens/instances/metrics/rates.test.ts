import { describe, expect, it } from 'vitest';
import type { ServerMetrics } from '#api/compute/server-metrics.ts';
import { addSample, KEPT_SECONDS, sampleOf, type Sample } from './rates.ts';

const reading = (second: number, over: Partial<ServerMetrics> = {}): ServerMetrics => ({
  time: `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000Z`,
  uptime: 100 + second,
  state: 'running',
  cpus: [
    { id: 0, time_ns: second * 1e9 },
    { id: 1, time_ns: 0 },
  ],
  memory: { maximum: 512, used: 100 },
  nics: [{ port_id: 'p', mac: 'm', rx_octets: second * 1000, tx_octets: second * 10 }],
  disks: [{ device: 'vda', volume_id: null, read_bytes: second * 4096, write_bytes: 0 }],
  ...over,
});

describe('rates', () => {
  it('are differences by seconds, over all processors', () => {
    expect(sampleOf(reading(10), reading(12))).toEqual({
      time: Date.parse('2026-01-01T00:00:12Z') / 1000,
      cpu: 50,
      memory: 100,
      received: 1000,
      sent: 10,
      read: 4096,
      written: 0,
    });
  });

  it('are none where counters cannot be compared', () => {
    expect(sampleOf(reading(10), reading(10))).toBeNull();
    expect(sampleOf(reading(10), reading(12, { cpus: [{ id: 0, time_ns: 0 }] }))).toBeNull();
    expect(sampleOf(reading(10), reading(12, { uptime: 1 }))).toBeNull();
  });

  it('do without what the hypervisor does not say, and are never negative', () => {
    const silent = { cpus: [{ id: 0, time_ns: null }], memory: { maximum: 512, used: null } };
    expect(sampleOf(reading(10), reading(12, silent))).toMatchObject({ cpu: null, memory: null });
    expect(sampleOf(reading(10), reading(12, { nics: [] }))).toMatchObject({ received: 0, sent: 0 });
    expect(sampleOf(reading(10), reading(12, { cpus: [{ id: 0, time_ns: 1e12 }] }))?.cpu).toBe(100);
  });

  it('are kept for ten minutes', () => {
    const at = (time: number): Sample => ({ ...(sampleOf(reading(1), reading(2)) as Sample), time });
    const kept = addSample([at(0), at(1), at(KEPT_SECONDS)], at(KEPT_SECONDS + 1));
    expect(kept.map(({ time }) => time)).toEqual([KEPT_SECONDS, KEPT_SECONDS + 1]);
  });
});
