import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { cloudAt, eventually, type Cloud } from '../fixtures/cloud.ts';
import { readTable } from '../fixtures/pretty-table.ts';
import { logIn, openSerial } from '../fixtures/serial.ts';

const state = inject('cloudState');

describe.skipIf(state === null)('a serial console', () => {
  let cloud: Cloud;
  let id: string;
  const url = async (): Promise<string> =>
    (await cloud.json<{ url: string }>('demo', 'console', 'url', 'show', '--serial', 'talker')).url;
  const log = (): Promise<string> => cloud.openstack('demo', 'console', 'log', 'show', 'talker');

  beforeAll(async () => {
    cloud = cloudAt(state as string);
    const boot = ['--image', 'cirros', '--flavor', 'm1.tiny', '--network', 'demo-net', '--wait'];
    await cloud.openstack('demo', 'server', 'create', ...boot, 'talker');
    id = (await cloud.json<{ id: string }>('demo', 'server', 'show', 'talker')).id;
  }, 120_000);
  afterAll(async () => void (await cloud.openstack('demo', 'server', 'delete', '--wait', 'talker')));

  it('lets one log in and work, and is in the console log', { timeout: 180_000 }, async () => {
    expect(await url()).toMatch(/^ws:\/\/127\.0\.0\.1:6083\/\?token=[0-9a-f-]{36}$/);
    const line = await openSerial(await url(), 'binary');
    await logIn(line);
    line.type('echo $((6 * 7))-$(hostname)\r');
    await line.until(/42-talker/);
    await eventually('the console log has it', async () => (await log()).includes('42-talker'));
    expect(await cloud.openstack('demo', 'console', 'log', 'show', '--lines', '3', 'talker')).toContain('42-talker');
    line.close();
    await line.closed;
    // The shell waits for whoever comes next.
    const next = await openSerial(await url());
    next.type('echo $((7 * 8))-again\r');
    await next.until(/56-again/);
    next.close();
  });

  it('belongs to whoever opened it last', { timeout: 60_000 }, async () => {
    const first = await openSerial(await url());
    const second = await openSerial(await url());
    expect(await first.closed).toMatchObject({ code: 4001, reason: 'Somebody else has opened this console' });
    await second.until(/mine/, 'echo mine\r');
    second.close();
  });

  it('opens to its own token only', async () => {
    const good = new URL(await url());
    for (const token of ['', '00000000-0000-4000-8000-000000000000'])
      await expect(openSerial(`ws://${good.host}/?token=${token}`)).rejects.toThrow('refused');
    const vnc = await cloud.json<{ url: string }>('demo', 'console', 'url', 'show', '--novnc', 'talker');
    const token = new URL(vnc.url).searchParams.get('token');
    await expect(openSerial(`ws://${good.host}/?token=${token}`)).rejects.toThrow('refused');
    // The same token opens the screen, which greets.
    const screen = await openSerial(`ws://${new URL(vnc.url).host}/websockify?token=${token}`, 'binary');
    await eventually('VNC greets', async () => screen.heard().startsWith('RFB '));
    screen.close();
  });

  it('is printed by the manual-era client', async () => {
    const [header, row] = readTable(await cloud.manual('demo', 'nova', 'get-serial-console', 'talker'));
    expect([header, row?.[0]]).toEqual([['Type', 'Url'], 'serial']);
    await (await openSerial(String(row?.[1]))).until(/there/, 'echo there\r');
  });

  it('is there again after kill -9, and after a restart of the guest', { timeout: 300_000 }, async () => {
    process.kill(await cloud.pid(), 'SIGKILL');
    await cloud.up();
    const line = await openSerial(await url());
    await line.until(/still-\d+/, 'echo still-$((1 + 1))\r');
    await cloud.openstack('demo', 'server', 'reboot', '--hard', '--wait', 'talker');
    await line.closed;
    const after = await openSerial(await url());
    await logIn(after);
    after.close();
    await cloud.openstack('demo', 'server', 'stop', id);
    await eventually(
      'the server is off',
      async () => (await cloud.json<{ status: string }>('demo', 'server', 'show', id)).status === 'SHUTOFF',
    );
    await expect(url()).rejects.toThrow(/not running/);
  });
});
