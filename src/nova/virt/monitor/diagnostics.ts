import { readFile } from 'node:fs/promises';
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
interface BalloonStats {
  readonly stats: Readonly<Record<string, number>>;
  /** Seconds since 1970; 0 before the guest has said anything. */
  readonly 'last-update': number;
}

export interface DiagnosticsOptions {
  readonly spec: StartedSpec;
  readonly power: PowerState;
  readonly hypervisor: string;
  /** The file or device by which the hypervisor knows a disk. */
  readonly isDisk: (disk: GuestDisk, stats: { readonly qdev: string; readonly node: string }) => boolean;
}

/** What a running guest uses, as QEMU and the kernel count it. */
export async function diagnose(monitor: Monitor, options: DiagnosticsOptions): Promise<GuestDiagnostics> {
  const { spec, isDisk } = options;
  const [blocks, cpus, balloon, guestUsedMb, links] = await Promise.all([
    monitor.execute<BlockStats[]>('query-blockstats'),
    monitor.execute<{ readonly 'cpu-index': number; readonly 'thread-id': number }[]>('query-cpus-fast'),
    monitor.execute<{ readonly actual: number }>('query-balloon').catch(() => null),
    memoryInGuest(monitor).catch(() => null),
    tapTraffic(),
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
      const { received, sent } = links.get(tap) ?? { received: silence, sent: silence };
      // What the tap receives is what the guest sends.
      return { device: tap, mac: nic.mac, rx: sent, tx: received };
    }),
    memory: {
      maximumMb: spec.memoryMb,
      usedMb: balloon === null ? null : Math.round(balloon.actual / 1024 ** 2),
      guestUsedMb,
    },
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

const silence: Traffic = { octets: 0, packets: 0, errors: 0, drops: 0 };

/** Counters of every link in our network namespace, without a program for it: this is asked every few seconds. */
async function tapTraffic(): Promise<Map<string, { readonly received: Traffic; readonly sent: Traffic }>> {
  const text = await readFile('/proc/thread-self/net/dev', 'utf8');
  return new Map(
    text
      .split('\n')
      .slice(2)
      .flatMap((line) => {
        const colon = line.indexOf(':');
        if (colon < 0) return [];
        const fields = line
          .slice(colon + 1)
          .trim()
          .split(/\s+/)
          .map(Number);
        return [[line.slice(0, colon).trim(), { received: trafficAt(fields, 0), sent: trafficAt(fields, 8) }] as const];
      }),
  );
}

const trafficAt = (fields: readonly number[], at: number): Traffic => ({
  octets: fields[at] ?? 0,
  packets: fields[at + 1] ?? 0,
  errors: fields[at + 2] ?? 0,
  drops: fields[at + 3] ?? 0,
});

const balloonPath = '/machine/peripheral/balloon0';
/** Seconds between two reports of the guest's balloon driver, once somebody has asked. */
const balloonInterval = 5;

/** MiB that the guest says it uses; null for a guest without a balloon driver, and until its first report. */
async function memoryInGuest(monitor: Monitor): Promise<number | null> {
  await monitor.execute('qom-set', {
    path: balloonPath,
    property: 'guest-stats-polling-interval',
    value: balloonInterval,
  });
  const { stats, 'last-update': said } = await monitor.execute<BalloonStats>('qom-get', {
    path: balloonPath,
    property: 'guest-stats',
  });
  const known = (name: string): number | undefined => {
    const value = stats[name];
    // What a guest does not say is -1, as an unsigned number.
    return value === undefined || value < 0 || value >= 2 ** 63 ? undefined : value;
  };
  const [total, free] = [known('stat-total-memory'), known('stat-available-memory') ?? known('stat-free-memory')];
  if (said === 0 || total === undefined || free === undefined) return null;
  return Math.round(Math.max(0, total - free) / 1024 ** 2);
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
