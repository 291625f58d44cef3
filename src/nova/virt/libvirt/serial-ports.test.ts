import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePort } from '#test/fixtures/ports.ts';
import { SerialPorts } from './serial-ports.ts';

it('gives each guest a port of its own, that it keeps, and none that others have', async () => {
  const first = await freePort();
  const ports = new SerialPorts({ listen: '127.0.0.1', ports: { first, last: first } });
  expect(await ports.of('a')).toBe(first);
  expect(await ports.of('a')).toBe(first);
  await expect(ports.of('b')).rejects.toThrow('[serial_console] port_range');
  await expect(ports.next('a')).rejects.toThrow('No port is left');
  ports.release('a');
  const other = createServer().listen(first, '127.0.0.1');
  await once(other, 'listening');
  await expect(ports.of('b')).rejects.toThrow('No port is left');
  other.close();
  await once(other, 'close');
  expect(await ports.of('b')).toBe(first);
});

it('goes round, also for guests that ask at the same time', async () => {
  const ports = new SerialPorts({ listen: '127.0.0.1', ports: { first: 41_000, last: 41_063 } });
  ports.keep('old', 41_000);
  const given = await Promise.all(['a', 'b', 'c'].map((id) => ports.of(id)));
  expect(new Set(given).size).toBe(3);
  expect(given).not.toContain(41_000);
  const moved = await ports.next('old');
  expect(moved).toBeGreaterThan(41_000);
  expect(given).not.toContain(moved);
});
