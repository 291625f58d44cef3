import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import amqp from 'amqplib';
import { canRun } from '#test/fixtures/programs.ts';
import { rabbitmqPrograms, startRabbitmq, type RabbitmqServer } from '#test/fixtures/rabbitmq.ts';
import { systemClock } from '../clock.ts';
import { randomIds } from '../ids.ts';
import { createLogger, silentLogger } from '../telemetry/log.ts';
import { call, cast, rpcContract, RpcTimeout, type Bus } from './bus.ts';
import { busContract, until } from './contract.ts';
import { createRabbitBus } from './rabbit/rabbit-bus.ts';
import type { RabbitOptions } from './rabbit/rabbit-options.ts';

describe.skipIf(!canRun(...rabbitmqPrograms))('RabbitMQ', () => {
  let broker: RabbitmqServer;
  const open: Bus[] = [];
  beforeAll(async () => {
    broker = await startRabbitmq();
  });
  afterAll(() => broker?.stop());

  const options = (): RabbitOptions => ({
    host: broker.host,
    port: broker.port,
    userid: 'guest',
    password: 'guest',
    virtualHost: '/',
    rpcResponseTimeoutMs: 20_000,
    controlExchange: 'test',
    retry: { firstMs: 50, mostMs: 200 },
  });
  const connect = (more: Partial<RabbitOptions> = {}, log = silentLogger): Bus => {
    const bus = createRabbitBus({ ...options(), ...more }, { log, clock: systemClock, ids: randomIds });
    open.push(bus);
    return bus;
  };
  const closeAll = async (): Promise<void> => void (await Promise.all(open.splice(0).map((bus) => bus.close())));
  afterEach(closeAll);

  busContract('RabbitMQ', () => ({ connect, close: closeAll }));

  const methods = { double: call<{ n: number }, number>(), note: cast<{ n: number }>() };
  let topics = 0;
  const newContract = () => rpcContract(`outage-${++topics}`, methods);

  describe('when the broker stops and starts', () => {
    it.each(['SIGTERM', 'SIGKILL'] as const)(
      'loses no cast, keeps their order, and answers calls made meanwhile (%s)',
      async (signal) => {
        const contract = newContract();
        const seen: number[] = [];
        const server = connect();
        await server.serve(contract, 'h1', {
          double: ({ n }) => 2 * n,
          note: ({ n }) => void seen.push(n),
        });
        const near = connect();
        const client = near.client(contract);
        expect(await client.call('double', { n: 1 })).toBe(2);
        for (let n = 0; n < 50; n++) await client.cast('note', { n });

        const during = Array.from({ length: 50 }, (_, i) => client.cast('note', { n: 50 + i })); // not awaited
        await broker.down(signal);
        const answer = client.call('double', { n: 21 });
        const buffered = Array.from({ length: 50 }, (_, i) => client.cast('note', { n: 100 + i }));
        await until(() => !server.health().ok && !near.health().ok);
        expect(near.health().detail).toMatch(/^no message broker at 127\.0\.0\.1:\d+ for \d+ s: /);
        await broker.up();

        expect(await answer).toBe(42);
        await Promise.all([...during, ...buffered]);
        await until(() => new Set(seen).size === 150);
        expect(seen).toEqual(Array.from({ length: 150 }, (_, i) => i));
        await until(() => server.health().ok && near.health().ok);
      },
    );

    it('keeps casts at the broker for a server that is away, and answers a call whose handler ran meanwhile', async () => {
      const contract = newContract();
      const gate = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      const server = connect();
      const handlers = {
        double: async ({ n }: { n: number }) => {
          begun.resolve();
          await gate.promise;
          return 2 * n;
        },
        note: () => undefined,
      };
      await server.serve(contract, 'h1', handlers);
      const client = connect().client(contract);
      const answer = client.call('double', { n: 4 });
      await begun.promise;
      for (let n = 0; n < 3; n++) await client.cast('note', { n }, { host: 'later' });
      await broker.down('SIGKILL');
      await until(() => !server.health().ok);
      gate.resolve();
      await broker.up();
      expect(await answer).toBe(8);

      const seen: number[] = [];
      await connect().serve(contract, 'later', { ...handlers, note: ({ n }) => void seen.push(n) });
      await until(() => seen.length === 3);
      expect(seen).toEqual([0, 1, 2]);
    });

    it('handles a cast once in a living process though the broker delivers it twice', async () => {
      const contract = newContract();
      const gate = Promise.withResolvers<void>();
      const runs: number[] = [];
      const server = connect();
      await server.serve(contract, 'h1', {
        double: ({ n }) => 2 * n,
        note: async ({ n }) => {
          runs.push(n);
          if (n === 1) await gate.promise;
        },
      });
      const client = connect().client(contract);
      await client.cast('note', { n: 1 });
      await until(() => runs.length === 1);
      await broker.restart('SIGKILL');
      await until(() => server.health().ok);
      gate.resolve();
      await client.cast('note', { n: 2 });
      await until(() => runs.includes(2));
      expect(runs).toEqual([1, 2]);
      await closeAll();
      expect(await depth(contract.topic)).toBe(0);
    });

    it('says when too many messages wait', async () => {
      const contract = newContract();
      const bus = connect({ port: 1, bufferLimit: 3 });
      const client = bus.client(contract);
      const kept = [1, 2, 3].map((n) => client.cast('note', { n }).catch((error: Error) => error.message));
      await until(() => !bus.health().ok);
      await expect(client.cast('note', { n: 4 })).rejects.toThrow(
        /^The message was not taken: 3 wait already, and there is no message broker at 127\.0\.0\.1:1 for \d+ s: connect ECONNREFUSED/,
      );
      await bus.close();
      expect(await Promise.all(kept)).toEqual(Array(3).fill(expect.stringContaining('closed before the broker had')));
    });
  });

  const depth = async (queue: string): Promise<number> => {
    const connection = await amqp.connect(broker.url);
    const channel = await connection.createChannel();
    const { messageCount } = await channel.checkQueue(queue);
    await connection.close();
    return messageCount;
  };

  it('delivers a cast again whose server died in the middle of it', async () => {
    const contract = newContract();
    const victim: ChildProcess = fork(new URL('../../../test/fixtures/bus-server-process.ts', import.meta.url), [
      JSON.stringify({ options: options(), topic: contract.topic }),
    ]);
    await once(victim, 'message'); // it serves
    await connect().client(contract).cast('note', { n: 5 });
    await once(victim, 'message'); // it has begun
    victim.kill('SIGKILL');
    await once(victim, 'exit');
    const seen: number[] = [];
    await connect().serve(contract, 'h2', { double: ({ n }) => n, note: ({ n }) => void seen.push(n) });
    await until(() => seen.length === 1);
    expect(seen).toEqual([5]);
  });

  it('makes a queue again that somebody deleted', async () => {
    const contract = newContract();
    const client = connect().client(contract);
    await client.cast('note', { n: 1 });
    const connection = await amqp.connect(broker.url);
    await (await connection.createChannel()).deleteQueue(contract.topic);
    await connection.close();
    await client.cast('note', { n: 2 });
    expect(await depth(contract.topic)).toBe(1);
  });

  it('fails only the messages of a queue that the broker refuses to declare', async () => {
    const [bad, good] = [newContract(), newContract()];
    const connection = await amqp.connect(broker.url);
    await (await connection.createChannel()).assertQueue(bad.topic, { durable: false, exclusive: false });
    const bus = connect();
    await expect(bus.client(bad).cast('note', { n: 1 })).rejects.toThrow(
      /refused to declare topic outage-\d+: .*PRECONDITION/,
    );
    await bus.client(good).cast('note', { n: 1 });
    expect(await depth(good.topic)).toBe(1);
    await connection.close();
  });

  it('tells of a wrong password and goes on trying', async () => {
    const lines: string[] = [];
    const log = createLogger('nova', ({ message }) => void lines.push(message));
    const bus = connect({ password: 'wrong-secret' }, log);
    await bus.serve(newContract(), 'h1', { double: ({ n }) => n, note: () => undefined });
    expect(bus.health()).toMatchObject({ ok: false });
    expect(bus.health().detail).toContain('check rabbit_userid, rabbit_password');
    await until(() => lines.length >= 2);
    expect(lines.join('\n')).not.toContain('wrong-secret');
  });

  it('calls time out while the broker is away', async () => {
    const bus = connect({ port: 1 });
    const answer = bus.client(newContract()).call('double', { n: 1 }, { timeoutMs: 50 });
    await expect(answer).rejects.toBeInstanceOf(RpcTimeout);
  });

  it('tries the other brokers of a cluster', async () => {
    const contract = newContract();
    const bus = connect({ hosts: ['127.0.0.1:1', `127.0.0.1:${broker.port}`] });
    await bus.serve(contract, 'h1', { double: ({ n }) => 2 * n, note: () => undefined });
    expect(await bus.client(contract).call('double', { n: 3 })).toBe(6);
  });

  it('leaves no queue of its own behind', async () => {
    const contract = newContract();
    const made: string[] = [];
    const ids = { ...randomIds, uuid: () => made[made.push(randomIds.uuid()) - 1] as string };
    const bus = createRabbitBus(options(), { log: silentLogger, clock: systemClock, ids });
    await bus.serve(contract, 'h1', { double: ({ n }) => 2 * n, note: () => undefined });
    await bus.subscribe('', () => undefined);
    await bus.client(contract).call('double', { n: 3 });
    const names = made.flatMap((id) => [`reply_${id}`, `notifications_${id}`, `${contract.topic}_fanout_${id}`]);
    expect(await existing(names)).toHaveLength(3);
    await bus.close();
    expect(await existing(names)).toEqual([]);
  });

  const existing = async (queues: readonly string[]): Promise<readonly string[]> => {
    const connection = await amqp.connect(broker.url);
    const found: string[] = [];
    for (const queue of queues) {
      const channel = await connection.createChannel();
      channel.on('error', () => undefined); // the broker answers "no such queue" by closing the channel
      const there = await channel.checkQueue(queue).catch(() => null);
      if (there) found.push(queue);
    }
    await connection.close();
    return found;
  };
});
