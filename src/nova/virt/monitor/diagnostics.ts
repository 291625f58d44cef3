import { readFile } from 'node:fs/promises';
import type { Run } from '#common/host/run.ts';
import type { GuestDiagnostics, GuestDisk, PowerState, Traffic } from '../driver.ts';
import type { StartedSpec } from '../rescue.ts';
import { vifNames } from '../vif/vif.ts';
import type { Monitor } from './monitor.ts';

/** Linux counts processor time in hundredths of a second in /proc. */
const NANOSECONDS_PER_TICK = 10_000_000;

interface BlockStats {
  readonly qdev?: string;
  readonly 'node-name'?: string;
  readonly stats: Readonly<Record<string, number>>;
}
interface Counters {
  readonly bytes: number;
  readonly packets: number;
  readonly errors: number;
  readonly dropped: number;
}
interface Link {
  readonly ifname: string;
  readonly stats64?: { readonly rx: Counters; readonly tx: Counters };
}

export interface DiagnosticsOptions {
  readonly spec: StartedSpec;
  readonly power: PowerState;
  readonly hypervisor: string;
  readonly run: Run;
  /** The file or device by which the hypervisor knows a disk. */
  readonly isDisk: (disk: GuestDisk, stats: { readonly qdev: string; readonly node: string }) => boolean;
}

/** What a running guest uses, as QEMU and the kernel count it. */
export async function diagnose(monitor: Monitor, options: DiagnosticsOptions): Promise<GuestDiagnostics> {
  const { spec, run, isDisk } = options;
  const [blocks, cpus, balloon, links] = await Promise.all([
    monitor.execute<BlockStats[]>('query-blockstats'),
    monitor.execute<{ readonly 'cpu-index': number; readonly 'thread-id': number }[]>('query-cpus-fast'),
    monitor.execute<{ readonly actual: number }>('query-balloon').catch(() => null),
    linksOf(run),
  ]);
  const threads = await Promise.all(cpus.map((cpu) => threadTimes(cpu['thread-id'])));
  const started = Math.min(...threads.flatMap((times) => times?.ageSeconds ?? []));
  return {
    power: options.power,
    hypervisor: options.hypervisor,
    uptimeSeconds: Number.isFinite(started) ? Math.floor(started) : null,
    configDrive: spec.configDrive !== null,
    cpus: cpus.map((cpu, index) => ({ id: cpu['cpu-index'], nanoseconds: threads[index]?.nanoseconds ?? null })),
    disks: spec.disks.flatMap((disk) => {
      const found = blocks.find(({ qdev = '', 'node-name': node = '' }) => isDisk(disk, { qdev, node }));
      return found ? [{ device: disk.device, ...diskCounters(found.stats) }] : [];
    }),
    nics: spec.interfaces.map((nic) => {
      const { tap } = vifNames(nic.portId);
      const stats = links.get(tap);
      // What the tap receives is what the guest sends.
      return { device: tap, mac: nic.mac, rx: trafficOf(stats?.tx), tx: trafficOf(stats?.rx) };
    }),
    memory: { maximumMb: spec.memoryMb, usedMb: balloon === null ? null : Math.round(balloon.actual / 1024 ** 2) },
  };
}

const diskCounters = (stats: BlockStats['stats']) => {
  const of = (name: string): number => stats[name] ?? 0;
  return {
    readBytes: of('rd_bytes'),
    readRequests: of('rd_operations'),
    writeBytes: of('wr_bytes'),
    writeRequests: of('wr_operations'),
    errors: of('failed_rd_operations') + of('failed_wr_operations') + of('failed_flush_operations'),
  };
};

const trafficOf = (counters: Counters | undefined): Traffic => ({
  octets: counters?.bytes ?? 0,
  packets: counters?.packets ?? 0,
  errors: counters?.errors ?? 0,
  drops: counters?.dropped ?? 0,
});

async function linksOf(run: Run): Promise<Map<string, Link['stats64']>> {
  const { stdout } = await run(['ip', '-json', '-statistics', 'link', 'show']);
  return new Map((JSON.parse(stdout || '[]') as Link[]).map(({ ifname, stats64 }) => [ifname, stats64]));
}

/** What a thread has used, and how old it is; undefined when it has ended. */
async function threadTimes(thread: number): Promise<{ nanoseconds: number; ageSeconds: number } | undefined> {
  try {
    const [text, uptime] = await Promise.all([
      readFile(`/proc/${thread}/stat`, 'utf8'),
      readFile('/proc/uptime', 'utf8'),
    ]);
    // The program's name, which may hold anything, is in brackets before the numbers.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [user = 0, system = 0, begun = 0] = [fields[11], fields[12], fields[19]];
    return {
      nanoseconds: (user + system) * NANOSECONDS_PER_TICK,
      ageSeconds: Number(uptime.split(' ')[0]) - begun / 100,
    };
  } catch {
    return undefined;
  }
}
