import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adminContext } from '../auth/context.ts';
import { currentRequestId, withLogScope } from '../telemetry/log.ts';
import { call, cast, rpcContract, RpcTimeout, type Bus, type Notification, type RpcHandlers } from './bus.ts';

/** One cloud's message system: any number of processes on it. */
export interface BusWorld {
  /** A process's bus. In memory there is only one process. */
  connect(): Bus;
  close(): Promise<void>;
}

interface Echo {
  readonly text: string;
  readonly when?: Date;
  readonly nothing?: undefined;
}
const methods = {
  echo: call<Echo, Record<string, unknown>>(),
  whoami: call<Record<never, never>, { host: string }>(),
  fail: call<{ kind: 'coded' | 'plain' | 'thrown text' }, void>(),
  slow: call<Record<never, never>, string>(),
  scope: call<Record<never, never>, { requestId: string | null; user: string | null; meta: string | null }>(),
  note: cast<{ n: number }>(),
  burn: cast<Record<never, never>>(),
};
let topics = 0;
const contractOf = () => rpcContract(`test-${process.pid}-${++topics}`, methods);

/** Resolves as soon as `condition` holds; the test's own timeout ends a vain wait. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** What every transport must do. */
export function busContract(name: string, open: () => Promise<BusWorld> | BusWorld): void {
  describe(`the bus over ${name}`, () => {
    let world: BusWorld;
    let near: Bus;
    let far: Bus;
    let contract: ReturnType<typeof contractOf>;
    let patience: PromiseWithResolvers<string>;
    beforeEach(async () => {
      world = await open();
      near = world.connect();
      far = world.connect();
      contract = contractOf();
      patience = Promise.withResolvers();
    });
    afterEach(() => {
      patience.resolve('at last');
      return world.close();
    });

    const notes: { host: string; n: number }[] = [];
    const handlers = (host: string): RpcHandlers<typeof methods> => ({
      echo: (args) => ({ ...args }),
      whoami: () => ({ host }),
      fail: ({ kind }) => {
        if (kind === 'thrown text') throw 'just text'; // eslint-disable-line @typescript-eslint/only-throw-error
        const error = kind === 'plain' ? new RangeError('too far') : new Error('Port p1 is not there.');
        throw Object.assign(error, kind === 'coded' && { code: 'PortNotFound', details: { portId: 'p1' } });
      },
      slow: () => patience.promise,
      scope: async (_args, meta) => ({
        requestId: currentRequestId() ?? null,
        user: meta.context?.userName ?? null,
        meta: meta.requestId ?? null,
      }),
      note: async ({ n }) => {
        notes.push({ host, n });
      },
      burn: () => {
        throw new Error('burnt');
      },
    });
    beforeEach(() => void notes.splice(0));

    it('answers a call', async () => {
      await far.serve(contract, 'h1', handlers('h1'));
      expect(await near.client(contract).call('echo', { text: 'grüß dich' })).toEqual({ text: 'grüß dich' });
    });

    it('carries plain data only: no identity, dates as text, nothing for undefined', async () => {
      await far.serve(contract, 'h1', handlers('h1'));
      const when = new Date('2014-09-12T08:00:00Z');
      const answer = await near.client(contract).call('echo', { text: 'x', when, nothing: undefined });
      expect(answer).toEqual({ text: 'x', when: '2014-09-12T08:00:00.000Z' });
      expect(Object.keys(answer)).toEqual(['text', 'when']);
    });

    it.each([
      ['coded', { code: 'PortNotFound', message: 'Port p1 is not there.', details: { portId: 'p1' } }],
      ['plain', { code: 'RangeError', message: 'too far', details: undefined }],
      ['thrown text', { code: 'Error', message: 'just text', details: undefined }],
    ] as const)('hands over an error (%s) with code, message and details', async (kind, wanted) => {
      await far.serve(contract, 'h1', handlers('h1'));
      const failure = await near
        .client(contract)
        .call('fail', { kind })
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: 'RpcRemoteError', ...wanted });
    });

    it('refuses a method that the server does not have', async () => {
      await far.serve(contract, 'h1', handlers('h1'));
      const newer = rpcContract(contract.topic, { ...methods, toString: call<Record<never, never>, void>() });
      await expect(near.client(newer).call('toString', {})).rejects.toMatchObject({ code: 'NoSuchMethod' });
    });

    it('takes turns among the servers of a topic', async () => {
      for (const host of ['h1', 'h2']) await world.connect().serve(contract, host, handlers(host));
      const client = near.client(contract);
      const hosts: string[] = [];
      for (let i = 0; i < 4; i++) hosts.push((await client.call('whoami', {})).host);
      expect(hosts.filter((host) => host === 'h1')).toHaveLength(2);
    });

    it("reaches only the host's server when told", async () => {
      for (const host of ['h1', 'h2']) await world.connect().serve(contract, host, handlers(host));
      const client = near.client(contract);
      for (let i = 0; i < 3; i++) expect(await client.call('whoami', {}, { host: 'h2' })).toEqual({ host: 'h2' });
    });

    it('fails a call that nobody answers, naming topic, host and method', async () => {
      const client = near.client(contract);
      const failure = await client.call('whoami', {}, { host: 'h9', timeoutMs: 30 }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(RpcTimeout);
      expect((failure as RpcTimeout).message).toBe(`No answer from ${contract.topic} on h9 to "whoami" within 0.03 s`);
    });

    it('fails a call whose handler takes too long', async () => {
      await far.serve(contract, 'h1', handlers('h1'));
      await expect(near.client(contract).call('slow', {}, { timeoutMs: 30 })).rejects.toBeInstanceOf(RpcTimeout);
    });

    it('does not run a call that nobody waits for any more', async () => {
      const ran: string[] = [];
      const counted = rpcContract(contract.topic, { count: call<{ id: string }, void>() });
      const client = near.client(counted);
      await expect(client.call('count', { id: 'late' }, { timeoutMs: 20 })).rejects.toBeInstanceOf(RpcTimeout);
      await far.serve(counted, 'h1', { count: ({ id }) => void ran.push(id) });
      await client.call('count', { id: 'in time' });
      expect(ran).toEqual(['in time']);
    });

    it('gives up a call when its signal says so', async () => {
      await far.serve(contract, 'h1', handlers('h1'));
      const stop = new AbortController();
      const answer = near.client(contract).call('slow', {}, { signal: stop.signal });
      stop.abort(new Error('not wanted'));
      await expect(answer).rejects.toThrow('not wanted');
      await expect(near.client(contract).call('slow', {}, { signal: stop.signal })).rejects.toThrow('not wanted');
    });

    it('keeps casts for a server that is not there yet, in order', async () => {
      const client = near.client(contract);
      for (let n = 0; n < 5; n++) await client.cast('note', { n }, { host: 'h1' });
      await far.serve(contract, 'h1', handlers('h1'));
      await until(() => notes.length === 5);
      expect(notes.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4]);
    });

    it('fans out to every server that listens now, and to no later one', async () => {
      for (const host of ['h1', 'h2', 'h3']) await world.connect().serve(contract, host, handlers(host));
      const client = near.client(contract);
      await client.fanout('note', { n: 7 });
      await until(() => notes.length === 3);
      await world.connect().serve(contract, 'h4', handlers('h4'));
      await client.call('whoami', {}, { host: 'h4' });
      expect(notes.map(({ host }) => host).toSorted()).toEqual(['h1', 'h2', 'h3']);
    });

    it('fans out to nobody without complaint', async () => {
      await near.client(contract).fanout('note', { n: 1 });
    });

    it('goes on after a cast whose handler throws', async () => {
      await far.serve(contract, 'h1', handlers('h1'));
      const client = near.client(contract);
      await client.cast('burn', {});
      await client.cast('note', { n: 1 });
      await until(() => notes.length === 1);
    });

    it('hands over who asked and the request id', async () => {
      await far.serve(contract, 'h1', handlers('h1'));
      const client = near.client(contract);
      const context = { ...adminContext('req-1'), userName: 'demo' };
      expect(await client.call('scope', {}, { context })).toEqual({ requestId: 'req-1', user: 'demo', meta: 'req-1' });
      const inScope = await withLogScope({ requestId: 'req-2' }, () => client.call('scope', {}));
      expect(inScope).toEqual({ requestId: 'req-2', user: null, meta: 'req-2' });
    });

    it('hears nothing after its subscription is closed', async () => {
      const subscription = await far.serve(contract, 'h1', handlers('h1'));
      await near.client(contract).call('whoami', {});
      await subscription.close();
      await expect(near.client(contract).call('whoami', {}, { timeoutMs: 50 })).rejects.toBeInstanceOf(RpcTimeout);
    });

    it('lets the work at hand end before a subscription is closed', async () => {
      const begun = Promise.withResolvers<void>();
      const gate = Promise.withResolvers<void>();
      let ended = false;
      const subscription = await far.serve(contract, 'h1', {
        ...handlers('h1'),
        note: async () => {
          begun.resolve();
          await gate.promise;
          ended = true;
        },
      });
      await near.client(contract).cast('note', { n: 1 });
      await begun.promise;
      const closing = subscription.close();
      gate.resolve();
      await closing;
      expect(ended).toBe(true);
    });

    it('hands notifications to every listener of their prefix', async () => {
      const heard: Record<string, string[]> = { all: [], create: [], partial: [] };
      const into = (name: string) => (notification: Notification) => void heard[name]?.push(notification.eventType);
      await far.subscribe('', into('all'));
      await far.subscribe('compute.instance.create.', into('create'));
      await world.connect().subscribe('compute.inst', into('partial'));
      const say = (eventType: string): Promise<void> =>
        near.notify({ eventType, publisherId: 'compute.h1', priority: 'INFO', payload: { id: 'i1' } });
      for (const type of ['compute.instance.create.start', 'port.create.end', 'compute.instance.create.end'])
        await say(type);
      const creates = ['compute.instance.create.start', 'compute.instance.create.end'];
      await until(() => heard['all']?.length === 3 && heard['partial']?.length === 2 && heard['create']?.length === 2);
      expect(heard['create']).toEqual(creates);
      expect(heard['partial']).toEqual(creates);
    });

    it('completes a notification with an id and a time, and survives a listener that throws', async () => {
      const heard: Notification[] = [];
      await far.subscribe('a.', () => {
        throw new Error('deaf');
      });
      await far.subscribe('a.', (notification) => void heard.push(notification));
      for (const eventType of ['a.b', 'a.c'])
        await near.notify({ eventType, publisherId: 'x.h1', priority: 'WARN', payload: {}, requestId: 'req-1' });
      await until(() => heard.length === 2);
      expect(heard[0]).toMatchObject({ eventType: 'a.b', priority: 'WARN', requestId: 'req-1' });
      expect(heard[0]?.messageId).not.toBe(heard[1]?.messageId);
      expect(heard[0]?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    });

    it('answers many calls at once, each its own', async () => {
      await far.serve(contract, 'h1', handlers('h1'));
      const client = near.client(contract);
      const texts = Array.from({ length: 300 }, (_, i) => `t${i}`);
      const answers = await Promise.all(texts.map((text) => client.call('echo', { text })));
      expect(answers.map((answer) => answer['text'])).toEqual(texts);
    });

    it('fails what still waits when it is closed', async () => {
      await far.serve(contract, 'h1', handlers('h1'));
      const answer = near.client(contract).call('whoami', {}, { host: 'h9' });
      const refused = expect(answer).rejects.toThrow('closed');
      await near.close();
      await refused;
    });

    it('is well', async () => {
      await far.serve(contract, 'h1', handlers('h1'));
      expect(far.health().ok).toBe(true);
    });
  });
}
