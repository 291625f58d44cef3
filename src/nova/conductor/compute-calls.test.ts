import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#common/clock.ts';
import { createHostDirectory } from '../hosts/directory.ts';
import { computeRpc } from '../rpc.ts';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';
import { ComputeDown, createComputeCalls, type ComputeCalls } from './compute-calls.ts';

let nova: NovaFixture;
let calls: ComputeCalls;
beforeEach(async () => {
  nova = await novaFixture();
  const directory = createHostDirectory({ db: nova.db, clock: systemClock, conf: nova.conf });
  calls = createComputeCalls({ compute: nova.bus.client(computeRpc), directory, clock: systemClock });
});
afterEach(() => nova.close());

const signal = new AbortController().signal;
const down = () => nova.db.query.updateTable('services').set({ last_seen: '2014-01-01T00:00:00.000000' }).execute();

describe('a call to a compute host', () => {
  it('gives up on a host that stays down', async () => {
    await down();
    await expect(calls.call('compute1', 'state', { id: 'x' }, { signal, downMs: 0 })).rejects.toThrow(ComputeDown);
    await expect(calls.call('nowhere', 'state', { id: 'x' }, { signal, downMs: 0 })).rejects.toThrow(
      /nova-compute on nowhere is down/,
    );
  });

  it('waits for a host that returns', async () => {
    await down();
    const answer = calls.call('compute1', 'state', { id: 'x' }, { signal, downMs: 10_000 });
    await nova.db.query.updateTable('services').set({ last_seen: '2099-01-01T00:00:00.000000' }).execute();
    expect(await answer).toEqual({ power: null });
  });

  it('asks again a host that was being stopped, and passes other failures on', async () => {
    const failures = [Object.assign(new Error('nova-compute is stopping'), { name: 'Superseded' })];
    nova.computes.get('compute1')!.before = () => {
      const failure = failures.shift();
      if (failure) throw failure;
    };
    expect(await calls.call('compute1', 'destroy', { id: 'x' }, { signal })).toEqual({});
    failures.push(new Error('The disk is full'));
    await expect(calls.call('compute1', 'destroy', { id: 'x' }, { signal })).rejects.toThrow('The disk is full');
  });

  it('ends when it is no longer wanted', async () => {
    const abort = new AbortController();
    nova.computes.get('compute1')!.before = () => abort.abort(new Error('No longer wanted'));
    await expect(calls.call('compute1', 'destroy', { id: 'x' }, { signal: abort.signal })).rejects.toThrow(
      'No longer wanted',
    );
  });
});
