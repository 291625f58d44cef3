import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';

let nova: NovaFixture;
const use = (options: Parameters<typeof novaFixture>[0] = {}): void => {
  beforeEach(async () => {
    nova = await novaFixture(options);
  });
  afterEach(() => nova.close());
};

async function boot(over: Record<string, unknown> = {}): Promise<string> {
  const answer = await nova.request('POST', '/v2.1/servers', {
    body: {
      server: { name: 'one', imageRef: nova.imageId, flavorRef: '1', networks: [{ uuid: nova.demoNet.id }], ...over },
    },
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  await nova.settled();
  return answer.body.server.id as string;
}
const show = async (id: string, token = 'demo/admin', version = '2.1') =>
  (await nova.request('GET', `/v2.1/servers/${id}`, { token, version })).body.server;
const status = async (id: string): Promise<string> => (await show(id)).status as string;
const act = (id: string, body: unknown, token = 'demo', version = '2.1') =>
  nova.request('POST', `/v2.1/servers/${id}/action`, { token, body, version });
/** Does it, and waits for its end. */
const done = async (id: string, body: unknown, token = 'demo', version = '2.1') => {
  const answer = await act(id, body, token, version);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  await nova.settled();
  return answer;
};
const message = (answer: { body: Record<string, { message: string }> }): string | undefined =>
  Object.values(answer.body)[0]?.message;
const host = (name = 'compute1') => nova.computes.get(name)!;
const guest = (id: string, name = 'compute1') => host(name).guests.get(id);
const claims = () => nova.db.query.selectFrom('allocations').selectAll().orderBy('memory_mb').execute();
const used = async () =>
  Object.fromEntries(
    (await nova.db.query.selectFrom('compute_nodes').select(['host', 'memory_mb_used']).execute()).map((row) => [
      row.host,
      row.memory_mb_used,
    ]),
  );
const actionsOf = async (id: string): Promise<string[]> =>
  (
    await nova.request('GET', `/v2.1/servers/${id}/os-instance-actions`, { token: 'demo/admin' })
  ).body.instanceActions.map((one: { action: string }) => one.action);
/** Every call of that method fails, with that error. */
const failing = (method: string, error: Error, name = 'compute1'): void => {
  host(name).before = (asked) => {
    if (asked === method) throw error;
  };
};

describe('resizing on the only host', () => {
  use({ conf: { allow_resize_to_same_host: true } });

  it('makes the server larger, holds both claims, and keeps the new one when confirmed', async () => {
    const id = await boot();
    const { disk } = guest(id)!;
    await done(id, { resize: { flavorRef: '2' } });
    expect(await show(id)).toMatchObject({
      status: 'VERIFY_RESIZE',
      flavor: { id: '2' },
      'OS-EXT-STS:vm_state': 'resized',
      'OS-EXT-STS:task_state': null,
      'OS-EXT-STS:power_state': 1,
    });
    expect(guest(id)).toMatchObject({ power: 'running', disk, request: { guest: { memoryMb: 2048 } } });
    expect((await claims()).map((one) => one.memory_mb)).toEqual([512, 2048]);
    expect(await used()).toEqual({ compute1: 2560 });
    expect((await act(id, { confirmResize: null })).status).toBe(204);
    await nova.settled();
    expect(await status(id)).toBe('ACTIVE');
    expect(host().asides.size).toBe(0);
    expect((await claims()).map((one) => [one.server_id, one.memory_mb])).toEqual([[id, 2048]]);
    expect(await actionsOf(id)).toEqual(['confirmResize', 'resize', 'create']);
    const moves = await nova.request('GET', '/v2.1/os-migrations', { token: 'demo/admin', version: '2.80' });
    expect(moves.body.migrations).toEqual([
      {
        id: 1,
        uuid: expect.any(String),
        source_compute: 'compute1',
        source_node: 'compute1',
        dest_compute: 'compute1',
        dest_node: 'compute1',
        dest_host: '127.0.0.1',
        old_instance_type_id: 1,
        new_instance_type_id: 2,
        instance_uuid: id,
        status: 'confirmed',
        migration_type: 'resize',
        created_at: expect.any(String),
        updated_at: expect.any(String),
        user_id: 'user-of-demo',
        project_id: 'demo',
      },
    ]);
    const old = await nova.request('GET', `/v2.1/os-migrations?status=confirmed&instance_uuid=${id}`, {
      token: 'demo/admin',
    });
    expect(old.body.migrations[0]).not.toHaveProperty('migration_type');
  });

  it('gives back exactly the guest that was when reverted', async () => {
    const id = await boot();
    const before = guest(id)!;
    await done(id, { resize: { flavorRef: '3' } });
    await done(id, { revertResize: null });
    expect(await show(id)).toMatchObject({ status: 'ACTIVE', flavor: { id: '1' } });
    expect(guest(id)).toMatchObject({ disk: before.disk, request: before.request, power: 'running' });
    expect((await claims()).map((one) => [one.server_id, one.memory_mb])).toEqual([[id, 512]]);
    expect(await used()).toEqual({ compute1: 512 });
    expect(await actionsOf(id)).toEqual(['revertResize', 'resize', 'create']);
    // And it can be done again.
    await done(id, { resize: { flavorRef: '2' } });
    expect(await status(id)).toBe('VERIFY_RESIZE');
  });

  it('leaves a stopped server stopped', async () => {
    const id = await boot();
    await done(id, { 'os-stop': null });
    await done(id, { resize: { flavorRef: '2' } });
    expect(await show(id)).toMatchObject({ status: 'VERIFY_RESIZE', 'OS-EXT-STS:power_state': 4 });
    await done(id, { confirmResize: null });
    expect(await status(id)).toBe('SHUTOFF');
    await done(id, { resize: { flavorRef: '3' } });
    await done(id, { revertResize: null });
    expect([await status(id), guest(id)?.power]).toEqual(['SHUTOFF', 'shutdown']);
  });

  it('shows RESIZE meanwhile, and is refused what does not fit its state', async () => {
    const id = await boot();
    host().before = async (method) => {
      if (method === 'setAside') expect(await status(id)).toBe('RESIZE');
    };
    await done(id, { resize: { flavorRef: '2' } });
    expect(message(await act(id, { resize: { flavorRef: '3' } }))).toBe(
      `Cannot 'resize' instance ${id} while it is in vm_state resized`,
    );
    expect(message(await act(id, { reboot: { type: 'HARD' } }))).toContain('vm_state resized');
    await done(id, { confirmResize: null });
    for (const action of ['confirmResize', 'revertResize'])
      expect(message(await act(id, { [action]: null }))).toBe(
        `Cannot '${action}' instance ${id} while it is in vm_state active`,
      );
  });

  it.each([
    [{ flavorRef: 'nope' }, 400, 'Flavor nope could not be found.'],
    [{ flavorRef: '1' }, 400, 'When resizing, instances must change flavor!'],
    [{ flavorRef: '2', more: 1 }, 400, /'more' was unexpected/],
    [{}, 400, /'flavorRef' is a required property/],
  ])('is refused for %j', async (resize, code, text) => {
    const id = await boot();
    const answer = await act(id, { resize });
    expect(answer.status).toBe(code);
    expect(message(answer)).toEqual(text instanceof RegExp ? expect.stringMatching(text) : text);
    expect(await status(id)).toBe('ACTIVE');
  });

  it('does not shrink a disk: the server stays as it was', async () => {
    const id = await boot({ flavorRef: '2' });
    await done(id, { resize: { flavorRef: '1' } });
    expect(await show(id)).toMatchObject({ status: 'ACTIVE', flavor: { id: '2' } });
    expect(guest(id)?.power).toBe('running');
    expect((await claims()).map((one) => one.memory_mb)).toEqual([2048]);
    const [resize] = (await nova.request('GET', `/v2.1/servers/${id}/os-instance-actions`, { token: 'demo/admin' }))
      .body.instanceActions;
    expect(resize).toMatchObject({ action: 'resize', message: 'Error' });
    const moves = await nova.request('GET', '/v2.1/os-migrations', { token: 'demo/admin' });
    expect(moves.body.migrations[0].status).toBe('error');
  });

  it('counts the larger of both flavors for the quota until it is settled', async () => {
    const id = await boot();
    await nova.request('PUT', '/v2.1/os-quota-sets/demo', {
      token: 'demo/admin',
      body: { quota_set: { ram: 2500 } },
    });
    expect(message(await act(id, { resize: { flavorRef: '3' } }))).toBe(
      'Quota exceeded for ram: Requested 3584, but already used 512 of 2500 ram',
    );
    await done(id, { resize: { flavorRef: '2' } });
    const second = (body: object) => nova.request('POST', '/v2.1/servers', { body });
    const server = { name: 'two', imageRef: nova.imageId, flavorRef: '1', networks: 'none' };
    expect((await second({ server: { ...server, networks: [{ uuid: nova.demoNet.id }] } })).status).toBe(403);
    await done(id, { revertResize: null });
    expect((await second({ server: { ...server, networks: [{ uuid: nova.demoNet.id }] } })).status).toBe(202);
    await nova.settled();
  });

  it('goes back when the new guest cannot be made', async () => {
    const id = await boot();
    const before = guest(id)!;
    failing('spawn', new Error('no room on the disk'));
    await done(id, { resize: { flavorRef: '2' } });
    expect(await show(id)).toMatchObject({ status: 'ACTIVE', flavor: { id: '1' } });
    expect(guest(id)).toMatchObject({ disk: before.disk, power: 'running' });
    expect(host().asides.size).toBe(0);
    expect((await claims()).map((one) => [one.server_id, one.memory_mb])).toEqual([[id, 512]]);
  });

  it('leaves nothing when the server is deleted before anybody has confirmed', async () => {
    const id = await boot();
    await done(id, { resize: { flavorRef: '2' } });
    await nova.request('DELETE', `/v2.1/servers/${id}`);
    await nova.settled();
    expect([host().guests.size, host().asides.size, (await claims()).length]).toEqual([0, 0, 0]);
    expect(await used()).toEqual({ compute1: 0 });
    const moves = await nova.request('GET', '/v2.1/os-migrations', { token: 'demo/admin' });
    expect(moves.body.migrations[0].status).toBe('confirmed');
  });
});

describe('resizing where the server must leave its host', () => {
  use();

  it('finds no host when there is no other, and says so', async () => {
    const id = await boot();
    await done(id, { resize: { flavorRef: '2' } });
    expect([await status(id), (await claims()).length]).toEqual(['ACTIVE', 1]);
    const { body } = await nova.request('GET', `/v2.1/servers/${id}/os-instance-actions`, { token: 'demo/admin' });
    const shown = await nova.request(
      'GET',
      `/v2.1/servers/${id}/os-instance-actions/${body.instanceActions[0].request_id}`,
      { token: 'demo/admin', version: '2.84' },
    );
    expect(shown.body.instanceAction.events[0]).toMatchObject({
      event: 'conductor_migrate_server',
      result: 'Error',
      details: 'No valid host was found. No valid host found for resize',
    });
  });
});

describe('moving between hosts', () => {
  use({ hosts: ['compute1', 'compute2'] });

  it('unwinds a cold migration whose disks are not carried over', async () => {
    const id = await boot();
    const at = (await show(id))['OS-EXT-SRV-ATTR:host'] as string;
    await done(id, { migrate: null }, 'demo/admin');
    expect(await show(id)).toMatchObject({ status: 'ACTIVE', 'OS-EXT-SRV-ATTR:host': at });
    expect(guest(id, at)?.power).toBe('running');
    expect((await claims()).map((one) => [one.server_id, one.host])).toEqual([[id, at]]);
    expect(nova.network.portsOf(id)[0]?.['binding:host_id']).toBe(at);
    expect(await actionsOf(id)).toEqual(['migrate', 'create']);
  });

  it('is for administrators, to a host that is there and another one', async () => {
    const id = await boot();
    const at = (await show(id))['OS-EXT-SRV-ATTR:host'] as string;
    expect((await act(id, { migrate: null })).status).toBe(403);
    const ask = (body: object) => act(id, body, 'demo/admin', '2.56');
    expect(message(await ask({ migrate: { host: at } }))).toBe('Cannot migrate to the host where the server exists.');
    expect(message(await ask({ migrate: { host: 'moon' } }))).toBe('Compute host moon could not be found.');
  });

  it('evacuates servers of a host that is down, and only of such', async () => {
    const id = await boot();
    const at = (await show(id))['OS-EXT-SRV-ATTR:host'] as string;
    const other = at === 'compute1' ? 'compute2' : 'compute1';
    const ask = (evacuate: object, version = '2.14') => act(id, { evacuate }, 'demo/admin', version);
    expect((await act(id, { evacuate: {} }, 'demo', '2.14')).status).toBe(403);
    expect(message(await ask({ host: other }))).toBe(`Compute service of ${at} is still in use.`);
    expect(message(await ask({ host: at }))).toBe("The target host can't be the same one.");
    expect([(await ask({ host: 'moon' })).status, message(await ask({ host: 'moon' }))]).toEqual([
      404,
      'Compute host moon not found.',
    ]);
    expect(message(await ask({ onSharedStorage: true, adminPass: 'x' }, '2.1'))).toBe(
      "admin password can't be changed on existing disk",
    );
    await nova.db.query
      .updateTable('services')
      .set({ forced_down: 1 })
      .where('host', '=', at)
      .where('binary', '=', 'nova-compute')
      .execute();
    const answer = await ask({ onSharedStorage: false }, '2.1');
    expect([answer.status, answer.body]).toEqual([200, { adminPass: expect.any(String) }]);
    await nova.settled();
    expect(await show(id)).toMatchObject({ status: 'ACTIVE', 'OS-EXT-SRV-ATTR:host': other });
    expect(guest(id, other)?.power).toBe('running');
    expect((await claims()).map((one) => [one.server_id, one.host])).toEqual([[id, other]]);
    expect(nova.network.portsOf(id)[0]?.['binding:host_id']).toBe(other);
    const moves = await nova.request('GET', '/v2.1/os-migrations', { token: 'demo/admin', version: '2.23' });
    expect(moves.body.migrations[0]).toMatchObject({
      migration_type: 'evacuation',
      status: 'done',
      dest_compute: other,
    });
  });

  it('does not move guests that run, and says why', async () => {
    const id = await boot();
    const at = (await show(id))['OS-EXT-SRV-ATTR:host'] as string;
    const body = { host: null, block_migration: false, disk_over_commit: false };
    const answer = await act(id, { 'os-migrateLive': body }, 'demo/admin');
    expect(answer.status).toBe(400);
    expect(message(answer)).toContain('Migration pre-check error');
    expect(message(await act(id, { 'os-migrateLive': { ...body, host: at } }, 'demo/admin'))).toBe(
      `Unable to migrate instance (${id}) to current host (${at}).`,
    );
    const later = await act(id, { 'os-migrateLive': { host: null, block_migration: 'auto' } }, 'demo/admin', '2.68');
    expect(later.status).toBe(202);
    await nova.settled();
    expect(await status(id)).toBe('ACTIVE');
    expect((await claims()).map((one) => [one.server_id, one.host])).toEqual([[id, at]]);
    const list = await nova.request('GET', `/v2.1/servers/${id}/migrations`, { token: 'demo/admin', version: '2.23' });
    expect(list.body).toEqual({ migrations: [] });
    const gone = await nova.request('GET', `/v2.1/servers/${id}/migrations/1`, {
      token: 'demo/admin',
      version: '2.23',
    });
    expect([gone.status, message(gone)]).toEqual([404, `Live migration 1 for server ${id} is not in progress.`]);
  });
});

describe('rebuilding', () => {
  use();

  it('gives the server new disks, and keeps id, addresses and what is not named', async () => {
    const id = await boot({ metadata: { a: '1' } });
    const { disk } = guest(id)!;
    const { addresses } = await show(id);
    const image = nova.images.add('other');
    host().before = async (method) => {
      if (method === 'spawn') expect(await status(id)).toBe('REBUILD');
    };
    const answer = await done(id, { rebuild: { imageRef: image.id, name: 'new', adminPass: 'secret' } });
    expect(answer.status).toBe(202);
    expect(answer.headers['location']).toBe(`http://127.0.0.1:8774/v2.1/servers/${id}`);
    expect(answer.body.server).toMatchObject({
      id,
      name: 'new',
      status: 'REBUILD',
      adminPass: 'secret',
      image: { id: image.id },
      metadata: { a: '1' },
    });
    expect(answer.body.server).not.toHaveProperty('key_name');
    expect(await show(id)).toMatchObject({ status: 'ACTIVE', name: 'new', addresses });
    expect(guest(id)?.disk).not.toBe(disk);
    expect(guest(id)?.request.imageId).toBe(image.id);
    expect(host().calls.filter((call) => call.startsWith('wipe'))).toHaveLength(1);
  });

  it('takes more in later versions', async () => {
    const id = await boot();
    const rebuild = { imageRef: nova.imageId, description: 'd', key_name: null, user_data: 'IyE=', hostname: 'h' };
    expect((await act(id, { rebuild }, 'demo', '2.1')).status).toBe(400);
    const answer = await done(id, { rebuild }, 'demo', '2.90');
    expect(answer.body.server).toMatchObject({ description: 'd', key_name: null, user_data: 'IyE=' });
    expect(await show(id, 'demo/admin', '2.90')).toMatchObject({ 'OS-EXT-SRV-ATTR:hostname': 'h' });
    const personality = [{ path: '/a', contents: 'YQ==' }];
    expect((await act(id, { rebuild: { imageRef: nova.imageId, personality } }, 'demo', '2.57')).status).toBe(400);
    await done(id, { rebuild: { imageRef: nova.imageId, personality } }, 'demo', '2.56');
  });

  it('leaves a stopped server stopped, and brings one in ERROR back', async () => {
    const id = await boot();
    await done(id, { 'os-stop': null });
    await done(id, { rebuild: { imageRef: nova.imageId } });
    expect([await status(id), guest(id)?.power]).toEqual(['SHUTOFF', 'shutdown']);
    await act(id, { 'os-resetState': { state: 'error' } }, 'demo/admin');
    await done(id, { rebuild: { imageRef: nova.imageId } });
    expect([await status(id), guest(id)?.power]).toEqual(['ACTIVE', 'running']);
  });

  it('ends in ERROR when the image cannot be used', async () => {
    const id = await boot();
    failing('spawn', Object.assign(new Error('The image is no image'), { name: 'ImageUnacceptable' }));
    await done(id, { rebuild: { imageRef: nova.imageId } });
    expect(await show(id)).toMatchObject({ status: 'ERROR', fault: { message: 'The image is no image' } });
  });

  it.each([
    [{ imageRef: '70a599e0-31e7-49b7-b260-868f441e862b' }, 'Can not find requested image'],
    [{ imageRef: 'x' }, 'Invalid imageRef provided.'],
  ])('is refused for %j', async (rebuild, text) => {
    const id = await boot();
    expect(message(await act(id, { rebuild }))).toBe(text);
    expect(await status(id)).toBe('ACTIVE');
  });
});

describe('suspending and rescuing', () => {
  use();

  it('suspends and resumes', async () => {
    const id = await boot();
    await done(id, { suspend: null });
    expect(await show(id)).toMatchObject({ status: 'SUSPENDED', 'OS-EXT-STS:power_state': 4 });
    expect(guest(id)).toMatchObject({ suspended: true, power: 'shutdown' });
    expect(message(await act(id, { suspend: null }))).toBe(
      `Cannot 'suspend' instance ${id} while it is in vm_state suspended`,
    );
    expect(message(await act(id, { pause: null }))).toContain('vm_state suspended');
    await done(id, { resume: null });
    expect([await status(id), guest(id)?.power]).toEqual(['ACTIVE', 'running']);
    expect(message(await act(id, { resume: null }))).toBe(
      `Cannot 'resume' instance ${id} while it is in vm_state active`,
    );
    await done(id, { suspend: null });
    failing('resume', new Error('the file is gone'));
    await done(id, { resume: null });
    expect(await status(id)).toBe('SUSPENDED');
    host().before = () => undefined;
    await done(id, { reboot: { type: 'HARD' } });
    expect(await status(id)).toBe('ACTIVE');
  });

  it('rescues with its own image or another one, and unrescues', async () => {
    const id = await boot();
    const answer = await done(id, { rescue: null });
    expect([answer.status, answer.body]).toEqual([200, { adminPass: expect.stringMatching(/^\w{12}$/) }]);
    expect([await status(id), guest(id)?.rescuedFrom]).toEqual(['RESCUE', nova.imageId]);
    for (const [body, name] of [
      [{ pause: null }, 'pause'],
      [{ reboot: { type: 'HARD' } }, 'reboot'],
      [{ rebuild: { imageRef: nova.imageId } }, 'rebuild'],
      [{ rescue: null }, 'rescue'],
      [{ 'os-stop': null }, 'stop'],
    ] as const)
      expect([(await act(id, body)).status, message(await act(id, body))]).toEqual([
        409,
        `Cannot '${name}' instance ${id} while it is in vm_state rescued`,
      ]);
    await done(id, { unrescue: null });
    expect([await status(id), guest(id)?.rescuedFrom]).toEqual(['ACTIVE', undefined]);
    const other = nova.images.add('rescue-disk');
    await done(id, { 'os-stop': null });
    const named = await done(id, { rescue: { adminPass: 'secret', rescue_image_ref: other.id } });
    expect(named.body).toEqual({ adminPass: 'secret' });
    expect(guest(id)?.rescuedFrom).toBe(other.id);
    const again = await boot();
    expect(message(await act(again, { rescue: { rescue_image_ref: '70a599e0-31e7-49b7-b260-868f441e862b' } }))).toBe(
      "Requested rescue image '70a599e0-31e7-49b7-b260-868f441e862b' is not supported",
    );
  });

  it('is as it was when the rescue fails', async () => {
    const id = await boot();
    failing('rescue', new Error('no such image'));
    await done(id, { rescue: null });
    expect([await status(id), guest(id)?.power]).toEqual(['ACTIVE', 'running']);
  });
});

describe('images of servers', () => {
  use();
  const imagesOf = (id: string) => [...nova.images.images.values()].filter((one) => one['instance_uuid'] === id);

  it('are made while the server goes on, with what Nova sets on them', async () => {
    const id = await boot();
    host().before = async (method) => {
      if (method === 'snapshot')
        expect(await show(id)).toMatchObject({ status: 'ACTIVE', 'OS-EXT-STS:task_state': 'image_snapshot' });
      if (method === 'uploadSnapshot')
        expect(await show(id)).toMatchObject({ 'OS-EXT-STS:task_state': 'image_uploading' });
    };
    const answer = await act(id, { createImage: { name: 'shot', metadata: { kind: 'x' } } });
    const [image] = imagesOf(id);
    expect(answer.status).toBe(202);
    expect(answer.headers['location']).toBe(`http://127.0.0.1:9292/images/${image?.id}`);
    expect(image).toMatchObject({
      name: 'shot',
      status: 'queued',
      visibility: 'private',
      owner: 'demo',
      min_disk: 1,
      image_type: 'snapshot',
      instance_uuid: id,
      base_image_ref: nova.imageId,
      user_id: 'user-of-demo',
      owner_id: 'demo',
      image_location: 'snapshot',
      boot_roles: 'member',
      kind: 'x',
      disk_format: 'qcow2',
      container_format: 'bare',
    });
    await nova.settled();
    expect(imagesOf(id)[0]?.status).toBe('active');
    expect(nova.images.data.get(image!.id)).toBe(guest(id)?.disk);
    expect(host().copies.size).toBe(0);
    expect(await show(id)).toMatchObject({ status: 'ACTIVE', 'OS-EXT-STS:task_state': null });
    expect(await actionsOf(id)).toEqual(['createImage', 'create']);
    const later = await done(id, { createImage: { name: 'two' } }, 'demo', '2.45');
    expect(later.body).toEqual({ image_id: imagesOf(id)[1]?.id });
    expect(later.headers).not.toHaveProperty('location');
  });

  it('are deleted when they cannot be filled', async () => {
    const id = await boot();
    failing('uploadSnapshot', new Error('Denying attempt to upload image because it exceeds the quota'));
    await done(id, { createImage: { name: 'shot' } });
    expect([imagesOf(id), host().copies.size]).toEqual([[], 0]);
    expect(await show(id)).toMatchObject({ status: 'ACTIVE', 'OS-EXT-STS:task_state': null });
  });

  it('are not there when Glance refuses them, and the server is as it was', async () => {
    const id = await boot();
    nova.images.beforeChange = () => {
      throw Object.assign(new Error('Your quota is used up'), { status: 403 });
    };
    expect((await act(id, { createImage: { name: 'shot' } })).status).toBeGreaterThanOrEqual(400);
    nova.images.beforeChange = () => undefined;
    await nova.settled();
    expect(imagesOf(id)).toEqual([]);
    expect(await show(id)).toMatchObject({ 'OS-EXT-STS:task_state': null });
  });

  it('are refused in the wrong state, and beyond the limit of properties', async () => {
    const id = await boot();
    await done(id, { rescue: null });
    expect(message(await act(id, { createImage: { name: 'x' } }))).toBe(
      `Cannot 'createImage' instance ${id} while it is in vm_state rescued`,
    );
    await done(id, { unrescue: null });
    const metadata = Object.fromEntries(Array.from({ length: 129 }, (_, n) => [`k${n}`, 'v']));
    expect((await act(id, { createImage: { name: 'x', metadata } })).status).toBe(403);
    expect((await act(id, { createImage: { name: '' } })).status).toBe(400);
  });

  it('rotate as backups', async () => {
    const id = await boot();
    const backup = (name: string, rotation = 2) => done(id, { createBackup: { name, backup_type: 'daily', rotation } });
    const first = await backup('b1');
    expect(first.headers['location']).toMatch(/^http:\/\/127.0.0.1:8774\/v2.1\/images\//);
    await done(id, { createBackup: { name: 'w1', backup_type: 'weekly', rotation: 1 } });
    await backup('b2');
    await backup('b3');
    expect(imagesOf(id).map((one) => one.name)).toEqual(['w1', 'b2', 'b3']);
    expect(imagesOf(id)[1]).toMatchObject({ image_type: 'backup', backup_type: 'daily', status: 'active' });
    const none = await backup('b4', 0);
    expect(none.headers).not.toHaveProperty('location');
    expect(imagesOf(id).map((one) => one.name)).toEqual(['w1']);
    expect((await act(id, { createBackup: { name: 'x', backup_type: 'daily', rotation: -1 } })).status).toBe(400);
  });
});

describe('shelving', () => {
  use({ hosts: ['compute1', 'compute2'] });
  const images = () => [...nova.images.images.values()].filter((one) => one.name?.endsWith('-shelved'));

  it('takes the server off its host, and brings it back from its image', async () => {
    const id = await boot();
    const at = (await show(id))['OS-EXT-SRV-ATTR:host'] as string;
    const { disk } = guest(id, at)!;
    const { addresses } = await show(id);
    await done(id, { shelve: null });
    expect(await show(id)).toMatchObject({
      status: 'SHELVED_OFFLOADED',
      'OS-EXT-SRV-ATTR:host': null,
      'OS-EXT-STS:vm_state': 'shelved_offloaded',
      addresses,
    });
    expect([host(at).guests.size, (await claims()).length]).toEqual([0, 0]);
    expect(images().map((one) => [one.name, one.status])).toEqual([['one-shelved', 'active']]);
    expect(nova.images.data.get(images()[0]!.id)).toBe(disk);
    expect(nova.network.portsOf(id)[0]?.['binding:host_id']).toBe('');
    await done(id, { unshelve: null });
    const back = await show(id);
    expect(back).toMatchObject({ status: 'ACTIVE', addresses, image: { id: nova.imageId } });
    expect(images()).toEqual([]);
    const now = back['OS-EXT-SRV-ATTR:host'] as string;
    expect(guest(id, now)).toMatchObject({ power: 'running' });
    expect(guest(id, now)?.request.guest.disks[0]).toMatchObject({
      basePath: expect.not.stringContaining(nova.imageId),
    });
    expect(nova.network.portsOf(id)[0]?.['binding:host_id']).toBe(now);
    expect((await claims()).map((one) => [one.server_id, one.host])).toEqual([[id, now]]);
    expect(await actionsOf(id)).toEqual(['unshelve', 'shelve', 'create']);
  });

  it('goes where an administrator says', async () => {
    const id = await boot();
    await done(id, { shelve: null });
    const ask = (unshelve: unknown, token = 'demo/admin') => act(id, { unshelve }, token, '2.91');
    expect((await ask({})).status).toBe(400);
    expect((await ask({ host: 'compute2' }, 'demo')).status).toBe(403);
    expect(message(await ask({ host: 'moon' }))).toBe('Compute host moon could not be found.');
    expect(message(await ask({ availability_zone: 'moon' }))).toBe('The requested availability zone is not available');
    await done(id, { unshelve: { host: 'compute2' } }, 'demo/admin', '2.91');
    expect(await show(id)).toMatchObject({ status: 'ACTIVE', 'OS-EXT-SRV-ATTR:host': 'compute2' });
  });

  it('stays shelved when no host takes it', async () => {
    const id = await boot();
    await done(id, { shelve: null });
    for (const name of ['compute1', 'compute2']) failing('spawn', new Error('broken'), name);
    await done(id, { unshelve: null });
    expect(await status(id)).toBe('SHELVED_OFFLOADED');
    expect([(await claims()).length, images().length]).toEqual([0, 1]);
    for (const name of ['compute1', 'compute2']) host(name).before = () => undefined;
    await done(id, { unshelve: null });
    expect(await status(id)).toBe('ACTIVE');
  });

  it('is as it was when its disk cannot be kept', async () => {
    const id = await boot();
    for (const name of ['compute1', 'compute2']) failing('uploadSnapshot', new Error('Glance is full'), name);
    await done(id, { shelve: null });
    const at = (await show(id))['OS-EXT-SRV-ATTR:host'] as string;
    expect([await status(id), guest(id, at)?.power, images()]).toEqual(['ACTIVE', 'running', []]);
  });

  it('deletes the image with the server', async () => {
    const id = await boot();
    await done(id, { shelve: null });
    await nova.request('DELETE', `/v2.1/servers/${id}`);
    await nova.settled();
    expect([images(), nova.network.ports.size]).toEqual([[], 0]);
  });
});

describe('shelving with time', () => {
  use({ conf: { shelved_offload_time: 3600 } });

  it('keeps the server on its host until it is offloaded', async () => {
    const id = await boot();
    await done(id, { pause: null });
    await done(id, { shelve: null });
    expect([await status(id), guest(id)?.power]).toEqual(['SHELVED', 'shutdown']);
    const late = await act(id, { unshelve: { availability_zone: 'nova' } }, 'demo', '2.77');
    expect([late.status, message(late)]).toEqual([409, expect.stringContaining('must be SHELVED_OFFLOADED')]);
    await done(id, { unshelve: null });
    expect([await status(id), guest(id)?.power]).toEqual(['ACTIVE', 'running']);
    await done(id, { shelve: null });
    expect((await act(id, { shelveOffload: null })).status).toBe(403);
    await done(id, { shelveOffload: null }, 'demo/admin');
    expect([await status(id), host().guests.size]).toEqual(['SHELVED_OFFLOADED', 0]);
  });
});

describe('deleting for a while', () => {
  use({ conf: { reclaim_instance_interval: 3600, quota_instances: 1 } });

  it('hides the server, frees its quota, and restores it', async () => {
    const id = await boot();
    expect((await nova.request('DELETE', `/v2.1/servers/${id}`)).status).toBe(204);
    await nova.settled();
    expect(await show(id)).toMatchObject({ status: 'SOFT_DELETED' });
    expect(guest(id)?.power).toBe('shutdown');
    expect((await nova.request('GET', '/v2.1/servers')).body.servers).toEqual([]);
    const listed = await nova.request('GET', '/v2.1/servers?status=SOFT_DELETED', { token: 'demo/admin' });
    expect(listed.body.servers).toHaveLength(1);
    const other = await boot();
    expect((await act(id, { restore: null })).status).toBe(403);
    await nova.request('POST', `/v2.1/servers/${other}/action`, { body: { forceDelete: null } });
    await nova.settled();
    await done(id, { restore: null });
    expect([await status(id), guest(id)?.power]).toEqual(['ACTIVE', 'running']);
    expect(message(await act(id, { restore: null }))).toBe(
      `Cannot 'restore' instance ${id} while it is in vm_state active`,
    );
    expect(await actionsOf(id)).toEqual(['restore', 'delete', 'create']);
    await nova.request('DELETE', `/v2.1/servers/${id}`);
    await nova.settled();
    await done(id, { forceDelete: null });
    expect(host().guests.size).toBe(0);
  });
});

describe('asking the guest', () => {
  use();

  it('sets a password where there is an agent, and keeps none', async () => {
    const id = await boot();
    await done(id, { changePassword: { adminPass: 'secret' } });
    expect(host().calls).toContain(`setPassword ${id}`);
    failing('setPassword', Object.assign(new Error('QEMU guest agent is not enabled'), { name: 'GuestAgentMissing' }));
    const refused = await act(id, { changePassword: { adminPass: 'secret' } });
    expect([refused.status, message(refused)]).toEqual([409, 'QEMU guest agent is not enabled']);
    const row = await nova.db.query.selectFrom('instances').selectAll().executeTakeFirstOrThrow();
    expect([row.admin_password, row.task_state, row.vm_state]).toEqual([null, null, 'active']);
    const journal = await nova.db.query.selectFrom('operations').selectAll().execute();
    expect(JSON.stringify(journal)).not.toContain('secret');
    await done(id, { 'os-stop': null });
    expect(message(await act(id, { changePassword: { adminPass: 'x' } }))).toContain('vm_state stopped');
  });

  it('tells what it uses, in both forms, to administrators', async () => {
    const id = await boot();
    const ask = (version: string, token = 'demo/admin') =>
      nova.request('GET', `/v2.1/servers/${id}/diagnostics`, { token, version });
    expect((await ask('2.1', 'demo')).status).toBe(403);
    expect((await ask('2.1')).body).toMatchObject({
      cpu0_time: 17_300_000_000,
      vda_read: 262_144,
      vda_errors: 1,
      tap1_tx: 42,
      memory: 524_288,
    });
    expect((await ask('2.48')).body).toEqual({
      state: 'running',
      driver: 'libvirt',
      hypervisor: 'fake',
      hypervisor_os: 'linux',
      uptime: 17,
      config_drive: false,
      num_cpus: 1,
      num_nics: 1,
      num_disks: 1,
      disk_details: [
        { read_bytes: 262_144, read_requests: 112, write_bytes: 5_778_432, write_requests: 488, errors_count: 1 },
      ],
      cpu_details: [{ id: 0, time: 17_300_000_000, utilisation: null }],
      nic_details: [expect.objectContaining({ mac_address: 'fa:16:3e:00:00:02', tx_octets: 42, rx_rate: null })],
      memory_details: { maximum: 512, used: 0 },
    });
  });

  it('triggers a crash dump from 2.17 on', async () => {
    const id = await boot();
    expect(message(await act(id, { trigger_crash_dump: null }))).toBe('There is no such action: trigger_crash_dump');
    await done(id, { trigger_crash_dump: null }, 'demo', '2.17');
    expect(host().calls).toContain(`injectNmi ${id}`);
    await done(id, { 'os-stop': null });
    expect((await act(id, { trigger_crash_dump: null }, 'demo', '2.17')).status).toBe(409);
  });

  it('has no consoles of SPICE and RDP, and no network actions of Xen', async () => {
    const id = await boot();
    for (const [name, type] of [
      ['os-getSPICEConsole', 'spice-html5'],
      ['os-getRDPConsole', 'rdp-html5'],
    ] as const) {
      const answer = await act(id, { [name]: { type } });
      expect([answer.status, message(answer)]).toEqual([400, `Unavailable console type ${type}.`]);
      expect((await act(id, { [name]: { type: 'x' } })).status).toBe(400);
    }
    expect((await act(id, { resetNetwork: null }, 'demo/admin')).status).toBe(410);
    expect((await act(id, { injectNetworkInfo: null }, 'demo/admin')).status).toBe(202);
    const old = await nova.request('POST', `/v2/demo/servers/${id}/action`, {
      token: 'demo/admin',
      body: { resetNetwork: null },
    });
    expect(old.status).toBe(202);
  });

  it('adds and removes fixed addresses before 2.44', async () => {
    const id = await boot();
    await done(id, { addFixedIp: { networkId: nova.demoNet.id } });
    expect(nova.network.portsOf(id)[0]?.fixed_ips).toHaveLength(2);
    const [{ addr }] = (await show(id)).addresses['demo-net'];
    await done(id, { removeFixedIp: { address: addr } });
    expect(nova.network.portsOf(id)[0]?.fixed_ips).toHaveLength(1);
    expect(message(await act(id, { removeFixedIp: { address: '10.9.9.9' } }))).toBe(
      `Instance ${id} does not have fixed IP '10.9.9.9'.`,
    );
    expect((await act(id, { addFixedIp: { networkId: nova.demoNet.id } }, 'demo', '2.44')).status).toBe(400);
  });

  it('notes locks in its history, with a reason from 2.73 on', async () => {
    const id = await boot();
    await done(id, { lock: { locked_reason: 'because' } }, 'demo', '2.73');
    expect(await show(id, 'demo', '2.73')).toMatchObject({ locked: true, locked_reason: 'because' });
    expect((await act(id, { suspend: null })).status).toBe(409);
    expect((await act(id, { lock: { nosuch: 1 } }, 'demo', '2.73')).status).toBe(400);
    // A snapshot changes nothing of the server.
    await done(id, { createImage: { name: 'x' } });
    await done(id, { unlock: null });
    expect(await actionsOf(id)).toEqual(['unlock', 'createImage', 'lock', 'create']);
  });
});
