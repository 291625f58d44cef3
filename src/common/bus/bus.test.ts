import { describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { fromObject, loadConfig } from '../config/load.ts';
import { randomIds } from '../ids.ts';
import { silentLogger } from '../telemetry/log.ts';
import { cast, rpcContract } from './bus.ts';
import { busContract } from './contract.ts';
import { createBus } from './index.ts';
import { createMemoryBus } from './memory.ts';
import { busOptions } from './options.ts';
import { brokersOf } from './rabbit/rabbit-options.ts';

busContract('memory', () => {
  const bus = createMemoryBus();
  return { connect: () => bus, close: () => bus.close() };
});

describe('createMemoryBus', () => {
  it('refuses casts without end to an address that nobody serves', async () => {
    const bus = createMemoryBus();
    const client = bus.client(rpcContract('nobody', { note: cast<{ n: number }>() }));
    for (let n = 0; n < 10_000; n++) await client.cast('note', { n });
    await expect(client.cast('note', { n: 10_000 })).rejects.toThrow(
      '10000 messages wait for nobody already, and nobody serves it: start its daemon.',
    );
  });
});

describe('createBus', () => {
  const make = (values: Record<string, string>) =>
    createBus(loadConfig(busOptions, fromObject({ DEFAULT: values }, 'test')), {
      service: 'nova',
      log: silentLogger,
      clock: systemClock,
      ids: randomIds,
    });

  it.each(['rabbit', 'nova.openstack.common.rpc.impl_kombu', 'neutron.openstack.common.rpc.impl_kombu'])(
    'understands rpc_backend = %s, and connects to nothing until it is used',
    async (rpc_backend) => {
      const bus = await make({ rpc_backend, rabbit_host: '192.0.2.1' });
      expect(bus.health().detail).toBe('not used');
      await bus.close();
    },
  );

  it.each(['qpid', 'neutron.openstack.common.rpc.impl_qpid', 'zmq', 'nova.openstack.common.rpc.impl_zmq'])(
    'says plainly that rpc_backend = %s is not there',
    async (rpc_backend) => {
      await expect(make({ rpc_backend })).rejects.toThrow(/^rpc_backend = (qpid|zmq) is not supported.*rabbit_host/);
    },
  );

  it('makes the bus of one process', async () => {
    const bus = await make({ rpc_backend: 'memory' });
    expect(bus.health()).toEqual({ ok: true, detail: 'in this process' });
  });
});

describe('brokersOf', () => {
  const options = { host: 'h', port: 5671, userid: '', password: '', virtualHost: '/' };
  it('is the host unless there are several', () => {
    const rest = { ...options, rpcResponseTimeoutMs: 1, controlExchange: 'nova' };
    expect(brokersOf(rest)).toEqual([{ host: 'h', port: 5671 }]);
    expect(brokersOf({ ...rest, hosts: ['a:1', 'b', '[fd00::1]:3'] })).toEqual([
      { host: 'a', port: 1 },
      { host: 'b', port: 5671 },
      { host: 'fd00::1', port: 3 },
    ]);
  });
});
