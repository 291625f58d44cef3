import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';

let nova: NovaFixture;
beforeEach(async () => {
  nova = await novaFixture({ conf: { allow_resize_to_same_host: true } });
});
afterEach(() => nova.close());

const show = async (id: string) =>
  (await nova.request('GET', `/v2.1/servers/${id}`, { token: 'demo/admin' })).body.server;
const done = async (id: string, body: object) => {
  const answer = await nova.request('POST', `/v2.1/servers/${id}/action`, { body });
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  await nova.settled();
  return answer;
};
/** A server that boots from a volume of its image. */
const boot = async (): Promise<string> => {
  const body = {
    server: {
      name: 'one',
      flavorRef: '1',
      networks: 'none',
      block_device_mapping_v2: [
        {
          boot_index: 0,
          source_type: 'image',
          uuid: nova.imageId,
          destination_type: 'volume',
          volume_size: 2,
          delete_on_termination: true,
        },
      ],
    },
  };
  const answer = await nova.request('POST', '/v2.1/servers', { body, version: '2.37' });
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  await nova.settled();
  return answer.body.server.id as string;
};
const guest = (id: string) => nova.computes.get('compute1')?.guests.get(id);
const volumeStatus = (): string[] => [...nova.volumes.volumes.values()].map(({ status }) => status);

describe('a server that boots from a volume', () => {
  it('is resized, also to a flavor with a smaller disk, with its volume', async () => {
    const id = await boot();
    expect(await show(id)).toMatchObject({ status: 'ACTIVE', image: '' });
    await done(id, { resize: { flavorRef: '2' } });
    expect(await show(id)).toMatchObject({ status: 'VERIFY_RESIZE' });
    expect(guest(id)?.volumes.size).toBe(1);
    await done(id, { confirmResize: null });
    await done(id, { resize: { flavorRef: '1' } });
    await done(id, { revertResize: null });
    expect(await show(id)).toMatchObject({ status: 'ACTIVE', flavor: { id: '2' } });
    expect([guest(id)?.power, guest(id)?.volumes.size, volumeStatus()]).toEqual(['running', 1, ['in-use']]);
  });

  it('is shelved without an image: its volume is reserved for it meanwhile', async () => {
    const id = await boot();
    await done(id, { shelve: null });
    expect(await show(id)).toMatchObject({ status: 'SHELVED_OFFLOADED' });
    expect([...nova.images.images.values()].filter((image) => image.name?.endsWith('-shelved'))).toEqual([]);
    expect([nova.computes.get('compute1')?.guests.size, volumeStatus()]).toEqual([0, ['reserved']]);
    await done(id, { unshelve: null });
    expect(await show(id)).toMatchObject({ status: 'ACTIVE', image: '' });
    expect([guest(id)?.volumes.size, volumeStatus()]).toEqual([1, ['in-use']]);
  });

  it('is neither rescued nor backed up, and rebuilt only with the image of its volume', async () => {
    const id = await boot();
    const act = (body: object) => nova.request('POST', `/v2.1/servers/${id}/action`, { body });
    const refused = await act({ rescue: null });
    expect([refused.status, refused.body.badRequest.message]).toEqual([
      400,
      `Instance ${id} cannot be rescued: Cannot rescue a volume-backed instance`,
    ]);
    const backup = await act({ createBackup: { name: 'b', backup_type: 'daily', rotation: 1 } });
    expect(backup.body.badRequest.message).toBe('Backup is not supported for volume-backed instances.');
    const other = nova.images.add('other');
    const rebuild = await act({ rebuild: { imageRef: other.id } });
    expect(rebuild.body.badRequest.message).toContain(
      'Unable to rebuild with a different image for a volume-backed server.',
    );
    await done(id, { rebuild: { imageRef: nova.imageId } });
    expect(await show(id)).toMatchObject({ status: 'ACTIVE', image: '' });
    expect([guest(id)?.volumes.size, volumeStatus()]).toEqual([1, ['in-use']]);
  });
});
