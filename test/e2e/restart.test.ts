import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { run } from '#common/host/run.ts';
import { cloudAt, eventually, type Cloud } from '../fixtures/cloud.ts';

const state = inject('cloudState');

describe.skipIf(state === null)('a second start', () => {
  let cloud: Cloud;
  let id: string;
  const status = async (): Promise<string> =>
    (await cloud.openstack('demo', 'server', 'show', 'lasting', '-f', 'value', '-c', 'status')).trim();
  const pid = async (): Promise<string> =>
    (await run(['pgrep', '-f', `qemu-system.*-uuid ${id}`], { ok: [0, 1] })).stdout.trim();

  beforeAll(async () => {
    cloud = cloudAt(state as string);
    const boot = ['--image', 'cirros', '--flavor', 'm1.tiny', '--network', 'demo-net', '--wait'];
    await cloud.openstack('demo', 'server', 'create', ...boot, 'lasting');
    id = (await cloud.json<{ id: string }>('demo', 'server', 'show', 'lasting')).id;
  });
  afterAll(async () => void (await cloud.openstack('demo', 'server', 'delete', '--wait', 'lasting')));

  it('finds the guests that went on running', async () => {
    const before = await pid();
    expect(before).not.toBe('');
    await cloud.igloo('down');
    expect(await pid()).toBe(before);
    await cloud.up();
    expect([await pid(), await status()]).toEqual([before, 'ACTIVE']);
  });

  it('starts the guests again that were stopped with it', async () => {
    expect((await cloud.igloo('down', '--guests')).stdout).toContain('1 guest stopped.');
    expect(await pid()).toBe('');
    await cloud.up();
    await eventually('the server is ACTIVE', async () => (await status()) === 'ACTIVE' && (await pid()) !== '');
  });
});
