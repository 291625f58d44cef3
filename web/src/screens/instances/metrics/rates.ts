import type { ServerMetrics } from '#api/compute/server-metrics.ts';

/** What a guest did between two readings. */
export interface Sample {
  /** Seconds since 1970. */
  readonly time: number;
  /** Of all its processors together, 0 to 100; null when the hypervisor does not say. */
  readonly cpu: number | null;
  /** MiB. */
  readonly memory: number | null;
  /** Bytes a second. */
  readonly received: number;
  readonly sent: number;
  readonly read: number;
  readonly written: number;
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);
const secondsOf = (time: string): number => Date.parse(/Z|[+-]\d\d:\d\d$/.test(time) ? time : `${time}Z`) / 1000;

/**
 * Rates from two readings of counters.
 * @returns null when they cannot be compared: the same instant, or counters that went back because it was started anew
 */
export function sampleOf(before: ServerMetrics, now: ServerMetrics): Sample | null {
  const time = secondsOf(now.time);
  const seconds = time - secondsOf(before.time);
  if (!(seconds > 0)) return null;
  const traffic = (one: ServerMetrics) => ({
    received: sum(one.nics, ({ rx_octets }) => rx_octets),
    sent: sum(one.nics, ({ tx_octets }) => tx_octets),
    read: sum(one.disks, ({ read_bytes }) => read_bytes),
    written: sum(one.disks, ({ write_bytes }) => write_bytes),
  });
  const [then, later] = [traffic(before), traffic(now)];
  const [cpuThen, cpuNow] = [cpuTime(before), cpuTime(now)];
  const nanoseconds = cpuThen === null || cpuNow === null ? null : cpuNow - cpuThen;
  if (nanoseconds !== null && nanoseconds < 0) return null;
  if (before.uptime !== null && now.uptime !== null && now.uptime < before.uptime) return null;
  // An interface or a disk that was taken away takes its count along.
  const rate = (key: keyof typeof then): number => Math.max(0, later[key] - then[key]) / seconds;
  const processors = Math.max(1, now.cpus.length);
  return {
    time,
    cpu: nanoseconds === null ? null : Math.min(100, (nanoseconds / 1e9 / seconds / processors) * 100),
    memory: now.memory.used,
    ...{ received: rate('received'), sent: rate('sent'), read: rate('read'), written: rate('written') },
  };
}

const cpuTime = ({ cpus }: ServerMetrics): number | null =>
  cpus.length === 0 || cpus.some(({ time_ns }) => time_ns === null) ? null : sum(cpus, ({ time_ns }) => time_ns ?? 0);

/** So far back the charts reach. */
export const KEPT_SECONDS = 600;

/** Adds a sample and lets go of what is too old. */
export const addSample = (samples: readonly Sample[], sample: Sample): readonly Sample[] => [
  ...samples.filter(({ time }) => time > sample.time - KEPT_SECONDS && time < sample.time),
  sample,
];
