import { expect, it } from 'vitest';
import { processorOf, rowsOf, versionOf } from './facts.ts';

it('unpacks a hypervisor’s version', () => {
  expect([versionOf(7_002_000), versionOf(1_000_000), versionOf(12)]).toEqual(['7.2.0', '1.0.0', '12']);
});

it('reads a processor from an object, from JSON in a text, and from nothing', () => {
  const info = { vendor: 'Intel', model: 'Haswell', arch: 'x86_64', topology: { sockets: 2, cores: 4, threads: 2 } };
  const read = { model: 'Intel Haswell x86_64', topology: '2 × 4 × 2' };
  expect(processorOf(info)).toEqual(read);
  expect(processorOf(JSON.stringify(info))).toEqual(read);
  for (const nothing of ['', null, undefined, '{', {}])
    expect(processorOf(nothing)).toEqual({ model: null, topology: null });
});

it('lists an agent’s configuration by name', () => {
  expect(rowsOf({ tunnel_types: ['gre'], bridge: 'br-int', devices: 3 })).toEqual([
    ['bridge', 'br-int'],
    ['devices', '3'],
    ['tunnel_types', '["gre"]'],
  ]);
});
