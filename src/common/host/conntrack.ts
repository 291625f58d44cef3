import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/**
 * Forgets tracked connections, so that their next packet is judged by the rules as they are now. None is no error.
 * All matches in one process (conntrack 1.4.7 or newer).
 */
export async function cutConnections(run: Run, matches: readonly ConnectionMatch[], netns?: string): Promise<void> {
  if (matches.length === 0) return;
  const lines = matches.map(({ family, zone, protocol, source, destination }) =>
    [
      ...['-D', '-f', family === 4 ? 'ipv4' : 'ipv6'],
      ...(zone === undefined ? [] : ['-w', String(zone)]),
      ...(protocol === undefined ? [] : ['-p', protocol]),
      ...(source === undefined ? [] : ['-s', source]),
      ...(destination === undefined ? [] : ['-d', destination]),
    ].join(' '),
  );
  // A file: conntrack opens /dev/stdin by name, which is impossible when it is a socket, as Node's pipes are.
  const folder = await mkdtemp(join(tmpdir(), 'conntrack-'));
  try {
    await writeFile(join(folder, 'cuts'), `${lines.join('\n')}\n`);
    await run(['conntrack', '-R', join(folder, 'cuts')], netns === undefined ? {} : { netns });
  } finally {
    await rm(folder, { recursive: true });
  }
}
