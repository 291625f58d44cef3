import { afterEach, describe, expect, it } from 'vitest';
import { systemClock, type Clock } from '#common/clock.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';
import { keepUp } from './upkeep.ts';

let nova: NovaFixture;
afterEach(() => nova.close());

const begin = async (conf: Record<string, number | boolean>): Promise<string> => {
  nova = await novaFixture({ conf });
  const body = { server: { name: 'one', imageRef: nova.imageId, flavorRef: '1', networks: 'none' } };
  const answer = await nova.request('POST', '/v2.1/servers', { body, version: '2.37' });
  await nova.settled();
  return answer.body.server.id as string;
};
const ask = async (id: string, body: object): Promise<void> => {
  const answer = await nova.request('POST', `/v2.1/servers/${id}/action`, { body, token: 'demo/admin' });
  expect(answer.status).toBeLessThan(300);
  await nova.settled();
};
const status = async (id: string): Promise<string> =>
  (await nova.request('GET', `/v2.1/servers/${id}`, { token: 'demo/admin' })).body.server?.status as string;
/** As after so many seconds. */
const passing = async (seconds: number): Promise<void> => {
  const { db, conf, runner } = nova;
  const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + seconds * 1000) };
  await keepUp({ db, conf, clock, runner, log: silentLogger, requestId: () => 'req-1' });
  await nova.settled();
};

describe('what is due by the clock', () => {
  it('confirms a resize that nobody has confirmed', async () => {
    const id = await begin({ resize_confirm_window: 60, allow_resize_to_same_host: true });
    await ask(id, { resize: { flavorRef: '2' } });
    await passing(30);
    expect(await status(id)).toBe('VERIFY_RESIZE');
    await passing(61);
    expect(await status(id)).toBe('ACTIVE');
    const moves = await nova.request('GET', '/v2.1/os-migrations', { token: 'demo/admin' });
    expect(moves.body.migrations[0].status).toBe('confirmed');
    await passing(120);
  });

  it('takes shelved servers off their hosts', async () => {
    const id = await begin({ shelved_offload_time: 60 });
    await ask(id, { shelve: null });
    await passing(30);
    expect(await status(id)).toBe('SHELVED');
    await passing(61);
    expect(await status(id)).toBe('SHELVED_OFFLOADED');
  });

  it('deletes what nobody has restored', async () => {
    const id = await begin({ reclaim_instance_interval: 60 });
    await nova.request('DELETE', `/v2.1/servers/${id}`);
    await nova.settled();
    await passing(30);
    expect(await status(id)).toBe('SOFT_DELETED');
    await passing(61);
    expect(await status(id)).toBeUndefined();
    expect(nova.computes.get('compute1')?.guests.size).toBe(0);
  });

  it('leaves all as it is where nothing is to happen by itself', async () => {
    const id = await begin({ allow_resize_to_same_host: true });
    await ask(id, { resize: { flavorRef: '2' } });
    await passing(1_000_000);
    expect(await status(id)).toBe('VERIFY_RESIZE');
  });
});
