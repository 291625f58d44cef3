import type { Run } from './run.ts';

/** Which tracked connections are meant; a field that is left out matches any. */
export interface ConnectionMatch {
  readonly family: 4 | 6;
  readonly zone?: number;
  /** `tcp`, `udp`, `icmp` … as conntrack names it. */
  readonly protocol?: string;
  /** Where the first packet came from and went to, before translation. */
  readonly source?: string;
  readonly destination?: string;
}

/** Forgets tracked connections, so that their next packet is judged by the rules as they are now. None is no error. */
export async function cutConnections(run: Run, matches: readonly ConnectionMatch[], netns?: string): Promise<void> {
  for (const { family, zone, protocol, source, destination } of matches)
    await run(
      [
        ...['conntrack', '-D', '-f', family === 4 ? 'ipv4' : 'ipv6'],
        ...(zone === undefined ? [] : ['-w', String(zone)]),
        ...(protocol === undefined ? [] : ['-p', protocol]),
        ...(source === undefined ? [] : ['-s', source]),
        ...(destination === undefined ? [] : ['-d', destination]),
      ],
      { ok: [0, 1], ...(netns !== undefined && { netns }) }, // 1: none found
    );
}
