import { expect, it } from 'vitest';
import type { StartedSpec } from '../rescue.ts';
import { diagnose } from './diagnostics.ts';
import type { Monitor } from './monitor.ts';

const unknown = 2 ** 64 - 1;
const spec = { disks: [{ device: 'vda' }], interfaces: [], memoryMb: 256, configDrive: null } as unknown as StartedSpec;

/** A monitor whose guest's balloon driver says this. */
const monitorOf = (balloon: { stats: Record<string, number>; 'last-update': number } | null) => {
  const asked: string[] = [];
  const answers: Readonly<Record<string, unknown>> = {
    'query-blockstats': [{ qdev: 'disk-vda', stats: { rd_bytes: 512, rd_operations: 1, failed_rd_operations: 2 } }],
    'query-cpus-fast': [{ 'cpu-index': 0, 'thread-id': process.pid }],
    'query-balloon': { actual: 256 * 1024 ** 2 },
    'qom-get': balloon,
    'qom-set': {},
  };
  const monitor = {
    execute: async (command: string) => {
      asked.push(command);
      if (command.startsWith('qom-') && balloon === null) throw new Error("Device 'balloon0' not found");
      return answers[command];
    },
  } as Monitor;
  return { asked, monitor };
};
const ask = (monitor: Monitor) =>
  diagnose(monitor, { spec, power: 'running', hypervisor: 'qemu', isDisk: (_disk, { qdev }) => qdev === 'disk-vda' });

it('reads counters from the monitor and the kernel', async () => {
  const mebibyte = 1024 ** 2;
  const { monitor, asked } = monitorOf({
    'last-update': 1,
    stats: { 'stat-total-memory': 230 * mebibyte, 'stat-available-memory': 200 * mebibyte, 'stat-swap-in': unknown },
  });
  const found = await ask(monitor);
  expect(found).toMatchObject({
    disks: [{ device: 'vda', readBytes: 512, readRequests: 1, writeBytes: 0, errors: 2 }],
    memory: { maximumMb: 256, usedMb: 256, guestUsedMb: 30 },
  });
  expect(found.cpus[0]?.nanoseconds).toBeGreaterThan(0);
  expect(found.uptimeSeconds).toBeGreaterThanOrEqual(0);
  expect(asked).toContain('qom-set');
});

it('says nothing of the memory before the guest has, nor for one without a balloon', async () => {
  const silent = { 'last-update': 0, stats: { 'stat-total-memory': unknown, 'stat-available-memory': unknown } };
  expect((await ask(monitorOf(silent).monitor)).memory.guestUsedMb).toBeNull();
  expect((await ask(monitorOf(null).monitor)).memory.guestUsedMb).toBeNull();
});
