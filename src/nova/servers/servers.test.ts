import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { consoleTokens } from '../console-proxy/check.ts';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';
import { startedWithoutSerial } from '../virt/serial.ts';

let nova: NovaFixture;
beforeEach(async () => {
  nova = await novaFixture();
});
afterEach(() => nova.close());

/** Boots a server and waits until nothing runs. */
async function boot(over: Record<string, unknown> = {}, token = 'demo'): Promise<string> {
  const answer = await nova.request('POST', '/v2.1/servers', {
    token,
    body: {
      server: { name: 'one', imageRef: nova.imageId, flavorRef: '1', networks: [{ uuid: nova.demoNet.id }], ...over },
    },
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  await nova.settled();
  return answer.body.server.id as string;
}
const show = async (id: string, token = 'demo', version = '2.1') =>
  (await nova.request('GET', `/v2.1/servers/${id}`, { token, version })).body.server;
const act = (id: string, body: unknown, token = 'demo', version = '2.1') =>
  nova.request('POST', `/v2.1/servers/${id}/action`, { token, body, version });

describe('a new server', () => {
  it('is accepted with what Nova says, and becomes ACTIVE', async () => {
    const answer = await nova.request('POST', '/v2.1/servers', {
      body: { server: { name: 'ref-1', imageRef: nova.imageId, flavorRef: '1' } },
    });
    const { id } = answer.body.server;
    expect(answer.status).toBe(202);
    expect(answer.headers['location']).toBe(`http://127.0.0.1:8774/v2.1/servers/${id}`);
    expect(answer.body.server).toEqual({
      id,
      links: [
        { rel: 'self', href: `http://127.0.0.1:8774/v2.1/servers/${id}` },
        { rel: 'bookmark', href: `http://127.0.0.1:8774/servers/${id}` },
      ],
      'OS-DCF:diskConfig': 'MANUAL',
      security_groups: [{ name: 'default' }],
      adminPass: expect.stringMatching(/^\w{12}$/),
    });
    await nova.settled();
    const server = await show(id);
    expect(server).toMatchObject({
      status: 'ACTIVE',
      progress: 0,
      hostId: expect.stringMatching(/^[0-9a-f]{56}$/),
      'OS-EXT-STS:vm_state': 'active',
      'OS-EXT-STS:power_state': 1,
      'OS-EXT-STS:task_state': null,
      security_groups: [{ name: 'default' }],
      addresses: {
        'demo-net': [
          {
            version: 4,
            addr: '192.168.27.2',
            'OS-EXT-IPS:type': 'fixed',
            'OS-EXT-IPS-MAC:mac_addr': 'fa:16:3e:00:00:02',
          },
        ],
      },
    });
    expect(server).not.toHaveProperty('OS-EXT-SRV-ATTR:host');
    const [guest] = [...(nova.computes.get('compute1')?.guests.values() ?? [])];
    expect(guest?.request).toMatchObject({
      imageId: nova.imageId,
      token: null,
      guest: { id, name: 'instance-00000001', vcpus: 1, memoryMb: 512, interfaces: [{ mtu: 1450, model: 'virtio' }] },
    });
    expect(nova.notifications.map((one) => one.eventType)).toEqual([
      'compute.instance.create.start',
      'compute.instance.create.end',
    ]);
  });

  it('shows an administrator its host, and each version its fields', async () => {
    const id = await boot();
    expect(await show(id, 'demo/admin')).toMatchObject({
      'OS-EXT-SRV-ATTR:host': 'compute1',
      'OS-EXT-SRV-ATTR:instance_name': 'instance-00000001',
      'OS-EXT-SRV-ATTR:hypervisor_hostname': 'compute1',
      flavor: { id: '1' },
    });
    expect(Object.keys(await show(id, 'demo/admin', '2.93'))).toEqual(
      expect.arrayContaining([
        'OS-EXT-SRV-ATTR:reservation_id',
        'OS-EXT-SRV-ATTR:root_device_name',
        'OS-EXT-SRV-ATTR:user_data',
        'host_status',
        'locked',
        'locked_reason',
        'description',
        'tags',
        'trusted_image_certificates',
        'server_groups',
      ]),
    );
    expect(await show(id, 'demo', '2.93')).toMatchObject({
      flavor: { original_name: 'm1.tiny', vcpus: 1, ram: 512, disk: 1, ephemeral: 0, swap: 0, extra_specs: {} },
      'OS-EXT-SRV-ATTR:hostname': 'one',
    });
    const legacy = await nova.request('GET', `/v2/demo/servers/${id}`, { token: 'demo' });
    expect(legacy.body.server.links[1].href).toBe(`http://127.0.0.1:8774/demo/servers/${id}`);
  });

  it.each([
    [{ flavorRef: 'nope' }, 'Flavor nope could not be found.'],
    [{ imageRef: '70a599e0-31e7-49b7-b260-868f441e862b' }, 'Can not find requested image'],
    [{ key_name: 'nope' }, 'Invalid key_name provided.'],
    [{ availability_zone: 'moon' }, 'The requested availability zone is not available'],
    [
      { networks: [{ uuid: '70a599e0-31e7-49b7-b260-868f441e862b' }] },
      'Network 70a599e0-31e7-49b7-b260-868f441e862b could not be found.',
    ],
    [
      { networks: [{ port: '70a599e0-31e7-49b7-b260-868f441e862b' }] },
      'Port id 70a599e0-31e7-49b7-b260-868f441e862b could not be found.',
    ],
    [{ security_groups: [{ name: 'nope' }] }, 'Security group nope not found for project demo.'],
    [{ min_count: 3, max_count: 2 }, 'min_count must be <= max_count'],
    [{ flavorRef: undefined }, /'flavorRef' is a required property$/],
    [{ name: '' }, "Invalid input for field/attribute name. Value: . '' is too short"],
    [{ nosuch: 1 }, /Additional properties are not allowed \('nosuch' was unexpected\)$/],
    [
      { block_device_mapping_v2: [{ source_type: 'volume', uuid: 'x', boot_index: 0 }] },
      /Block Device Mapping is Invalid/,
    ],
  ])('is refused with 400 for %j', async (over, message) => {
    const answer = await nova.request('POST', '/v2.1/servers', {
      body: { server: { name: 'x', imageRef: nova.imageId, flavorRef: '1', ...over } },
    });
    expect(answer.status).toBe(400);
    expect(answer.body.badRequest.message).toEqual(
      message instanceof RegExp ? expect.stringMatching(message) : message,
    );
    expect((await nova.request('GET', '/v2.1/servers')).body.servers).toEqual([]);
  });

  it('may not be put on a host by who is no administrator', async () => {
    const body = { server: { name: 'x', imageRef: nova.imageId, flavorRef: '1', availability_zone: 'nova:compute1' } };
    expect((await nova.request('POST', '/v2.1/servers', { body })).status).toBe(403);
    expect((await nova.request('POST', '/v2.1/servers', { body, token: 'demo/admin' })).status).toBe(202);
  });

  it('is one of several when several are asked for', async () => {
    const answer = await nova.request('POST', '/v2.1/servers', {
      body: {
        server: {
          name: 'many',
          imageRef: nova.imageId,
          flavorRef: '1',
          min_count: 2,
          max_count: 3,
          return_reservation_id: true,
        },
      },
    });
    expect(answer.body).toEqual({ reservation_id: expect.stringMatching(/^r-[a-z0-9]{8}$/) });
    await nova.settled();
    const list = await nova.request('GET', '/v2.1/servers?sort_key=display_name&sort_dir=asc');
    expect(list.body.servers.map((one: { name: string }) => one.name)).toEqual(['many-1', 'many-2', 'many-3']);
  });

  it('goes to ERROR with every host’s reason when none takes it', async () => {
    await nova.request('POST', '/v2.1/flavors', {
      token: 'demo/admin',
      body: { flavor: { name: 'huge', id: 'huge', ram: 9_999_999, vcpus: 1, disk: 1 } },
    });
    const id = await boot({ flavorRef: 'huge' });
    expect((await show(id)).fault).toEqual({
      code: 500,
      created: expect.stringMatching(/Z$/),
      message: 'No valid host was found. There are not enough hosts available.',
    });
    const { fault } = await show(id, 'demo/admin');
    expect(fault.details).toMatch(/^compute1: RamFilter: needs 9999999 MB, 1199232 MB of 1199232 MB are free$/);
    expect(nova.network.portsOf(id)).toEqual([]);
    const actions = await nova.request('GET', `/v2.1/servers/${id}/os-instance-actions`, { version: '2.84' });
    expect(actions.body.instanceActions).toMatchObject([{ action: 'create', message: 'Error' }]);
    const requestId = actions.body.instanceActions[0].request_id as string;
    const one = await nova.request('GET', `/v2.1/servers/${id}/os-instance-actions/${requestId}`, {
      version: '2.84',
      token: 'demo/admin',
    });
    expect(one.body.instanceAction.events[0]).toMatchObject({
      event: 'scheduler_select_host',
      result: 'Error',
      traceback: expect.stringContaining('compute1: RamFilter: needs 9999999 MB'),
      details: 'No valid host was found. There are not enough hosts available.',
    });
  });

  it('is tried on another host when one cannot build it', async () => {
    await nova.addHost('compute2');
    for (const compute of nova.computes.values())
      compute.before = (method) => {
        if (method !== 'spawn') return;
        for (const other of nova.computes.values()) other.before = () => undefined;
        throw new Error('The disk is full');
      };
    const id = await boot();
    const server = await show(id, 'demo/admin');
    expect(server.status).toBe('ACTIVE');
    const guests = [...nova.computes.values()].map((compute) => compute.guests.size);
    expect(guests.sort()).toEqual([0, 1]);
    const [port] = nova.network.portsOf(id);
    expect(port?.['binding:host_id']).toBe(server['OS-EXT-SRV-ATTR:host']);
    expect(nova.network.portsOf(id)).toHaveLength(1);
  });

  it('goes to ERROR when every host has failed, and leaves nothing behind', async () => {
    const compute = nova.computes.get('compute1')!;
    compute.before = (method) => {
      if (method === 'spawn') throw new Error('The disk is full');
    };
    const id = await boot();
    const { status, fault } = await show(id, 'demo/admin');
    expect([status, fault.message]).toEqual([
      'ERROR',
      `Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for instance ${id}.`,
    ]);
    expect(fault.details).toContain('compute1: Build: The disk is full');
    expect([compute.guests.size, nova.network.ports.size]).toEqual([0, 0]);
    const [used] = await nova.db.query.selectFrom('compute_nodes').select(['memory_mb_used', 'vcpus_used']).execute();
    expect(used).toEqual({ memory_mb_used: 0, vcpus_used: 0 });
  });
});

describe('an action', () => {
  it('starts, stops, reboots, pauses and unpauses, and is refused in the wrong state', async () => {
    const id = await boot();
    const states = async () => [(await show(id)).status, (await show(id))['OS-EXT-STS:power_state']];
    expect((await act(id, { 'os-start': null })).body).toEqual({
      conflictingRequest: { code: 409, message: `Cannot 'start' instance ${id} while it is in vm_state active` },
    });
    for (const [body, status, power] of [
      [{ 'os-stop': null }, 'SHUTOFF', 4],
      [{ 'os-start': null }, 'ACTIVE', 1],
      [{ reboot: { type: 'SOFT' } }, 'ACTIVE', 1],
      [{ reboot: { type: 'HARD' } }, 'ACTIVE', 1],
      [{ pause: null }, 'PAUSED', 3],
      [{ unpause: null }, 'ACTIVE', 1],
    ] as const) {
      expect((await act(id, body)).status).toBe(202);
      await nova.settled();
      expect(await states()).toEqual([status, power]);
    }
    expect((await act(id, { reboot: { type: 'x' } })).body.badRequest.message).toBe(
      "Invalid input for field/attribute type. Value: x. 'x' is not one of ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft']",
    );
    expect((await act(id, { nosuch: null })).body.badRequest.message).toBe('There is no such action: nosuch');
    expect((await act(id, { addFloatingIp: { address: '1.2.3.4' } }, 'demo', '2.44')).status).toBe(400);
  });

  it('shows a reboot while it runs, and refuses a second one', async () => {
    const id = await boot();
    let release: () => void = () => undefined;
    nova.computes.get('compute1')!.before = () => new Promise((resolve) => (release = resolve));
    await act(id, { reboot: { type: 'SOFT' } });
    expect((await show(id)).status).toBe('REBOOT');
    expect((await act(id, { 'os-stop': null })).body.conflictingRequest.message).toBe(
      `Cannot 'stop' instance ${id} while it is in task_state rebooting`,
    );
    await expect.poll(() => release.name).not.toBe('release');
    release();
    await nova.settled();
    expect((await show(id)).status).toBe('ACTIVE');
  });

  it('is kept from others by a lock', async () => {
    const id = await boot();
    expect((await act(id, { lock: { locked_reason: 'mine' } }, 'other/admin', '2.73')).status).toBe(202);
    expect((await act(id, { 'os-stop': null })).body.conflictingRequest.message).toBe(`Instance ${id} is locked`);
    expect((await nova.request('DELETE', `/v2.1/servers/${id}`)).status).toBe(409);
    expect(await show(id, 'demo', '2.73')).toMatchObject({ locked: true, locked_reason: 'mine' });
    expect((await act(id, { unlock: null })).status).toBe(403);
    expect((await act(id, { unlock: null }, 'other/admin')).status).toBe(202);
    expect((await act(id, { 'os-stop': null })).status).toBe(202);
    await nova.settled();
  });

  it('reads the console, and opens the screen', async () => {
    const id = await boot();
    expect((await act(id, { 'os-getConsoleOutput': { length: 2 } })).body).toEqual({ output: 'ANOTHER\nLAST LINE\n' });
    expect((await act(id, { 'os-getConsoleOutput': {} })).body.output).toMatch(/^FAKE CONSOLE/);
    const console = await act(id, { 'os-getVNCConsole': { type: 'novnc' } });
    expect(console.body.console).toEqual({
      type: 'novnc',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:6080\/vnc_auto\.html\?token=[0-9a-f-]{36}$/),
    });
    const remote = await nova.request('POST', `/v2.1/servers/${id}/remote-consoles`, {
      version: '2.6',
      body: { remote_console: { protocol: 'vnc', type: 'novnc' } },
    });
    expect([remote.status, remote.body.remote_console.type]).toEqual([200, 'novnc']);
    const java = await act(id, { 'os-getVNCConsole': { type: 'xvpvnc' } });
    expect(java.body.console.url).toMatch(/^http:\/\/127\.0\.0\.1:6081\/console\?token=[0-9a-f-]{36}$/);
    expect(
      (
        await nova.request('POST', `/v2.1/servers/${id}/remote-consoles`, {
          version: '2.6',
          body: { remote_console: { protocol: 'spice', type: 'spice-html5' } },
        })
      ).body.badRequest.message,
    ).toBe('Unavailable console type spice-html5.');
  });

  it('opens the serial console', async () => {
    const id = await boot();
    const serial = { 'os-getSerialConsole': { type: 'serial' } };
    const url = /^ws:\/\/127\.0\.0\.1:6083\/\?token=[0-9a-f-]{36}$/;
    expect((await act(id, serial)).body.console).toEqual({ type: 'serial', url: expect.stringMatching(url) });
    const remote = (protocol: string, type: string, version = '2.6') =>
      nova.request('POST', `/v2.1/servers/${id}/remote-consoles`, {
        version,
        body: { remote_console: { protocol, type } },
      });
    const opened = await remote('serial', 'serial');
    expect([opened.status, opened.body.remote_console]).toEqual([
      200,
      { protocol: 'serial', type: 'serial', url: expect.stringMatching(url) },
    ]);
    expect((await remote('serial', 'novnc')).body.badRequest.message).toBe('Unavailable console type novnc.');
    expect((await remote('vnc', 'serial')).body.badRequest.message).toBe('Unavailable console type serial.');
    expect((await act(id, { 'os-getSerialConsole': { type: 'other' } })).status).toBe(400);
    expect((await act(id, serial, 'demo', '2.6')).status).toBe(400);
    expect((await act(id, serial, 'stranger')).status).toBe(404);

    const compute = nova.computes.get('compute1')!;
    compute.before = async (method) => {
      if (method === 'serialConsole') throw new Error(`Instance ${id} is not running.`);
    };
    const off = await act(id, serial);
    expect([off.status, off.body.conflictingRequest.message]).toEqual([
      409,
      `Instance ${id} is not ready: Instance ${id} is not running.`,
    ]);
    compute.before = async (method) => {
      if (method === 'serialConsole') throw startedWithoutSerial();
    };
    const old = await act(id, serial);
    expect([old.status, old.body.badRequest.message]).toEqual([
      400,
      'Unavailable console type serial. The server was started before serial consoles were enabled on its host: reboot it hard, and ask again.',
    ]);
  });

  it('has no serial consoles where they are not enabled', async () => {
    await nova.close();
    nova = await novaFixture({ serial: false });
    const answer = await act(await boot(), { 'os-getSerialConsole': { type: 'serial' } });
    expect([answer.status, answer.body.badRequest.message]).toEqual([400, 'Unavailable console type serial.']);
  });

  it('lets a console token open its own server, where that is now, and no other', async () => {
    const id = await boot();
    const { url } = (await act(id, { 'os-getSerialConsole': { type: 'serial' } })).body.console;
    const token = new URL(url).searchParams.get('token') as string;
    const [serial, screen] = [consoleTokens(nova.bus, 'serial'), consoleTokens(nova.bus, 'novnc')];
    expect(await serial(token)).toMatchObject({ serverId: id, endpoint: { host: '127.0.0.1', port: 10_000 } });
    expect(await screen(token)).toBeNull();
    expect(await serial('no-token')).toBeNull();
    const compute = nova.computes.get('compute1')!;
    compute.serialPort = 10_001;
    expect(await serial(token)).toMatchObject({ endpoint: { port: 10_001 } });
    compute.before = async () => {
      throw new Error(`Instance ${id} is not running.`);
    };
    expect(await serial(token)).toBeNull();
    compute.before = async () => undefined;
    await nova.request('DELETE', `/v2.1/servers/${id}`);
    await nova.settled();
    expect(await serial(token)).toBeNull();
  });

  it('binds and frees a floating IP', async () => {
    const id = await boot();
    const pool = nova.network.addNetwork('ext-net', 'admin', { external: true });
    const made = await nova.request('POST', '/v2/demo/os-floating-ips', { body: { pool: 'ext-net' } });
    expect(made.body.floating_ip).toMatchObject({ ip: '172.16.200.152', pool: pool['name'], instance_id: null });
    expect((await act(id, { addFloatingIp: { address: '172.16.200.152' } })).status).toBe(202);
    expect((await show(id)).addresses['demo-net']).toMatchObject([
      { addr: '192.168.27.2', 'OS-EXT-IPS:type': 'fixed' },
      { addr: '172.16.200.152', 'OS-EXT-IPS:type': 'floating' },
    ]);
    const list = await nova.request('GET', '/v2/demo/os-floating-ips');
    expect(list.body.floating_ips).toMatchObject([{ fixed_ip: '192.168.27.2', instance_id: id }]);
    expect((await act(id, { removeFloatingIp: { address: '172.16.200.152' } })).status).toBe(202);
    expect((await show(id)).addresses['demo-net']).toHaveLength(1);
    expect((await act(id, { addFloatingIp: { address: '9.9.9.9' } })).status).toBe(404);
  });

  it('changes security groups of the ports', async () => {
    const id = await boot();
    nova.network.addGroup('web', 'demo');
    expect((await act(id, { addSecurityGroup: { name: 'web' } })).status).toBe(202);
    expect((await show(id)).security_groups).toEqual([{ name: 'default' }, { name: 'web' }]);
    const groups = await nova.request('GET', `/v2.1/servers/${id}/os-security-groups`);
    expect(groups.body.security_groups).toHaveLength(2);
    expect((await act(id, { removeSecurityGroup: { name: 'default' } })).status).toBe(202);
    expect((await act(id, { removeSecurityGroup: { name: 'default' } })).status).toBe(404);
    expect((await show(id)).security_groups).toEqual([{ name: 'web' }]);
  });
});

describe('interfaces', () => {
  it('are listed, attached and detached', async () => {
    const id = await boot();
    const second = nova.network.addNetwork('second', 'demo');
    const attached = await nova.request('POST', `/v2.1/servers/${id}/os-interface`, {
      body: { interfaceAttachment: { net_id: second.id } },
    });
    expect([attached.status, attached.body.interfaceAttachment.net_id]).toEqual([200, second.id]);
    const port = attached.body.interfaceAttachment.port_id as string;
    expect((await nova.request('GET', `/v2.1/servers/${id}/os-interface`)).body.interfaceAttachments).toHaveLength(2);
    expect(Object.keys((await show(id)).addresses)).toEqual(['demo-net', 'second']);
    expect(nova.computes.get('compute1')!.guests.get(id)?.ports.has(port)).toBe(true);
    expect((await nova.request('DELETE', `/v2.1/servers/${id}/os-interface/${port}`)).status).toBe(202);
    await nova.settled();
    expect(nova.network.ports.has(port)).toBe(false);
    expect(Object.keys((await show(id)).addresses)).toEqual(['demo-net']);
    expect((await nova.request('GET', `/v2.1/servers/${id}/os-interface/${port}`)).status).toBe(404);
  });

  it('that the user made are let go of, not deleted', async () => {
    const mine = await nova.network.client('demo').ports.create({ network_id: nova.demoNet.id });
    const id = await boot({ networks: [{ port: mine.id }] });
    expect(nova.network.portsOf(id).map((port) => port.id)).toEqual([mine.id]);
    expect(
      (
        await nova.request('POST', '/v2.1/servers', {
          body: { server: { name: 'x', imageRef: nova.imageId, flavorRef: '1', networks: [{ port: mine.id }] } },
        })
      ).body.conflictingRequest.message,
    ).toBe(`Port ${mine.id} is still in use.`);
    await nova.request('DELETE', `/v2.1/servers/${id}`);
    await nova.settled();
    expect(nova.network.ports.get(mine.id)).toMatchObject({ device_id: '', device_owner: '' });
  });

  it('of other people are never touched, whatever device they name', async () => {
    const id = await boot();
    const foreign = await nova.network.client('other').ports.create({ network_id: nova.demoNet.id, device_id: id });
    await nova.request('DELETE', `/v2.1/servers/${id}`);
    await nova.settled();
    expect([...nova.network.ports.keys()]).toEqual([foreign.id]);
  });
});

describe('deleting', () => {
  it('removes guest, ports and claim, and only administrators see it afterwards', async () => {
    const id = await boot();
    let release: () => void = () => undefined;
    nova.computes.get('compute1')!.before = () => new Promise((resolve) => (release = resolve));
    expect((await nova.request('DELETE', `/v2.1/servers/${id}`)).status).toBe(204);
    expect((await nova.request('DELETE', `/v2.1/servers/${id}`)).status).toBe(204);
    await expect.poll(() => release.name).not.toBe('release');
    expect((await show(id))['OS-EXT-STS:task_state']).toBe('deleting');
    release();
    await nova.settled();
    expect((await nova.request('GET', `/v2.1/servers/${id}`)).body.itemNotFound.message).toBe(
      `Instance ${id} could not be found.`,
    );
    expect((await nova.request('DELETE', `/v2.1/servers/${id}`)).status).toBe(404);
    expect([nova.computes.get('compute1')!.guests.size, nova.network.ports.size]).toEqual([0, 0]);
    expect(await nova.db.query.selectFrom('allocations').selectAll().execute()).toEqual([]);
    const deleted = await nova.request('GET', '/v2.1/servers/detail?deleted=1', { token: 'demo/admin' });
    expect(deleted.body.servers).toMatchObject([{ id, status: 'DELETED' }]);
    expect(nova.notifications.at(-1)?.eventType).toBe('compute.instance.delete.end');
  });

  it('ends a boot that is still going on', async () => {
    const compute = nova.computes.get('compute1')!;
    let reached: () => void = () => undefined;
    const spawning = new Promise<void>((resolve) => (reached = resolve));
    let release: () => void = () => undefined;
    compute.before = async (method) => {
      if (method !== 'spawn') return;
      reached();
      await new Promise<void>((resolve) => (release = resolve));
      throw new Error('Superseded');
    };
    const answer = await nova.request('POST', '/v2.1/servers', {
      body: { server: { name: 'slow', imageRef: nova.imageId, flavorRef: '1' } },
    });
    const { id } = answer.body.server;
    await spawning;
    expect((await nova.request('DELETE', `/v2.1/servers/${id}`)).status).toBe(204);
    await nova.settled();
    expect((await nova.request('GET', `/v2.1/servers/${id}`)).status).toBe(404);
    expect([compute.guests.size, nova.network.ports.size]).toEqual([0, 0]);
    release();
  });

  it('does not wait for a host that is down', async () => {
    const id = await boot();
    await nova.db.query.updateTable('services').set({ last_seen: '2014-01-01T00:00:00.000000' }).execute();
    await nova.request('DELETE', `/v2.1/servers/${id}`);
    await nova.settled();
    expect((await nova.request('GET', `/v2.1/servers/${id}`)).status).toBe(404);
    expect(nova.network.ports.size).toBe(0);
  });
});

describe('below a server', () => {
  it('metadata is listed, added, replaced, set and removed', async () => {
    const id = await boot({ metadata: { a: '1' } });
    const url = `/v2.1/servers/${id}/metadata`;
    expect((await nova.request('POST', url, { body: { metadata: { b: '2' } } })).body).toEqual({
      metadata: { a: '1', b: '2' },
    });
    expect((await nova.request('PUT', `${url}/c`, { body: { meta: { c: '3' } } })).body).toEqual({ meta: { c: '3' } });
    expect((await nova.request('PUT', `${url}/c`, { body: { meta: { d: '3' } } })).body.badRequest.message).toBe(
      'Request body and URI mismatch',
    );
    expect((await nova.request('DELETE', `${url}/a`)).status).toBe(204);
    expect((await nova.request('GET', `${url}/a`)).body.itemNotFound.message).toBe('Metadata item was not found');
    expect((await nova.request('PUT', url, { body: { metadata: { z: '9' } } })).body).toEqual({ metadata: { z: '9' } });
    expect((await nova.request('GET', url)).body).toEqual({ metadata: { z: '9' } });
  });

  it('tags are kept from 2.26 on', async () => {
    const id = await boot();
    const url = `/v2.1/servers/${id}/tags`;
    const at = { version: '2.26' };
    expect((await nova.request('GET', url)).status).toBe(404);
    expect((await nova.request('PUT', `${url}/blue`, at)).status).toBe(201);
    expect((await nova.request('PUT', `${url}/blue`, at)).status).toBe(204);
    expect((await nova.request('GET', url, at)).body).toEqual({ tags: ['blue'] });
    expect((await nova.request('GET', `${url}/red`, at)).status).toBe(404);
    expect((await nova.request('GET', '/v2.1/servers?tags=blue', at)).body.servers).toHaveLength(1);
    expect((await nova.request('GET', '/v2.1/servers?not-tags=blue', at)).body.servers).toHaveLength(0);
    expect((await nova.request('DELETE', url, at)).status).toBe(204);
    expect((await nova.request('GET', url, at)).body).toEqual({ tags: [] });
  });

  it('ips are shown by network', async () => {
    const id = await boot();
    expect((await nova.request('GET', `/v2.1/servers/${id}/ips`)).body).toEqual({
      addresses: { 'demo-net': [{ version: 4, addr: '192.168.27.2' }] },
    });
    expect((await nova.request('GET', `/v2.1/servers/${id}/ips/nope`)).status).toBe(404);
  });

  it('name, description and addresses change', async () => {
    const id = await boot();
    const changed = await nova.request('PUT', `/v2.1/servers/${id}`, {
      version: '2.19',
      body: { server: { name: 'two', description: 'second', accessIPv4: '1.2.3.4' } },
    });
    expect(changed.body.server).toMatchObject({ name: 'two', description: 'second', accessIPv4: '1.2.3.4' });
    expect(changed.body.server).not.toHaveProperty('OS-EXT-STS:vm_state');
    expect((await nova.request('PUT', `/v2.1/servers/${id}`, { body: { server: { name: '' } } })).body).toEqual({
      badRequest: { code: 400, message: "Invalid input for field/attribute name. Value: . '' is too short" },
    });
  });
});

describe('what the hypervisor reports', () => {
  it('turns a server whose guest has ended SHUTOFF', async () => {
    const id = await boot();
    const { conductorRpc } = await import('../rpc.ts');
    const conductor = nova.bus.client(conductorRpc);
    await conductor.cast('lifecycle', { host: 'elsewhere', id, power: 'shutdown' });
    await conductor.cast('lifecycle', { host: 'compute1', id, power: 'crashed' });
    await expect.poll(async () => (await show(id)).status).toBe('SHUTOFF');
    expect(await conductor.call('serversOnHost', { host: 'compute1' })).toEqual({
      asides: [],
      servers: [{ id, name: 'one', vmState: 'stopped', taskState: null, powerState: 'crashed' }],
    });
  });
});
