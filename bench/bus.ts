/** Figures of the message bus over a RabbitMQ of its own and in memory: `node bench/bus.ts`. */
import { call, cast, rpcContract, type Bus } from '#common/bus/bus.ts';
import { createMemoryBus } from '#common/bus/memory.ts';
import { createRabbitBus } from '#common/bus/rabbit/rabbit-bus.ts';
import { systemClock } from '#common/clock.ts';
import { randomIds } from '#common/ids.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { startRabbitmq } from '#test/fixtures/rabbitmq.ts';

const contract = rpcContract('bench', { echo: call<{ text: string }, string>(), note: cast<{ n: number }>() });
const text = 'x'.repeat(500);

async function measure(name: string, near: Bus, far: Bus): Promise<void> {
  let noted = 0;
  let noticed = (): void => undefined;
  await far.serve(contract, 'h1', {
    echo: ({ text }) => text,
    note: () => {
      noted += 1;
      noticed();
    },
  });
  const client = near.client(contract);
  for (let i = 0; i < 500; i++) await client.call('echo', { text });

  const times: number[] = [];
  for (let i = 0; i < 2000; i++) {
    const began = performance.now();
    await client.call('echo', { text });
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const at = (part: number): string => (times[Math.floor(times.length * part)] ?? 0).toFixed(3);
  console.log(`${name}: serial call p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);

  const perSecond = async (count: number, work: () => Promise<void>): Promise<string> => {
    const began = performance.now();
    await work();
    return `${Math.round(count / ((performance.now() - began) / 1000))}/s`;
  };
  const inTurns = async (count: number, lanes: number, one: (n: number) => Promise<unknown>): Promise<void> => {
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < count) await one(next++);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  };
  const calls = await perSecond(20_000, () => inTurns(20_000, 50, () => client.call('echo', { text })));
  const casts = await perSecond(20_000, async () => {
    const all = new Promise<void>((resolve) => (noticed = () => noted === 20_000 && resolve()));
    await inTurns(20_000, 200, (n) => client.cast('note', { n }));
    await all;
  });
  console.log(`${name}: calls, 50 at once ${calls}; casts, 200 at once, to the end of the handler ${casts}`);
}

const memory = createMemoryBus();
await measure('memory', memory, memory);
await memory.close();

const broker = await startRabbitmq();
const connect = (): Bus =>
  createRabbitBus(
    {
      host: broker.host,
      port: broker.port,
      userid: 'guest',
      password: 'guest',
      virtualHost: '/',
      rpcResponseTimeoutMs: 60_000,
      controlExchange: 'bench',
    },
    { log: silentLogger, clock: systemClock, ids: randomIds },
  );
const [near, far] = [connect(), connect()];
await measure('RabbitMQ', near, far);
await near.close();
await far.close();
await broker.stop();
