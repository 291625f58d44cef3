import { createConnection } from 'node:net';
import type { PoolStats } from '../../rpc.ts';

/** What haproxy says of itself at its socket: `show stat`. @throws when it does not answer within a second */
export function askHaproxy(socket: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(socket, () => connection.write('show stat\n'));
    let text = '';
    connection.setEncoding('utf8').setTimeout(1_000, () => connection.destroy(new Error(`${socket} does not answer`)));
    connection.on('data', (part: string) => (text += part));
    connection.on('error', reject);
    connection.on('end', () => resolve(text));
  });
}

/** Traffic of the pool and states of its members out of haproxy's table. */
export function parseStats(poolId: string, csv: string): PoolStats | undefined {
  const [head = '', ...lines] = csv.split('\n').filter((line) => line !== '');
  const names = head.replace(/^# /, '').split(',');
  const rows = lines.map((line) => {
    const values = line.split(',');
    return (name: string): string => values[names.indexOf(name)] ?? '';
  });
  const own = rows.filter((row) => row('pxname') === poolId);
  const pool = own.find((row) => row('svname') === 'BACKEND');
  if (!pool) return undefined;
  const number = (name: string): number => Number(pool(name)) || 0;
  return {
    poolId,
    stats: {
      bytes_in: number('bin'),
      bytes_out: number('bout'),
      active_connections: number('scur'),
      total_connections: number('stot'),
    },
    members: own
      .filter((row) => row !== pool)
      .map((row) => ({ id: row('svname'), status: row('status').startsWith('DOWN') ? 'INACTIVE' : 'ACTIVE' })),
  };
}
