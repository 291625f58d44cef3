import { createHash } from 'node:crypto';
import { mkdtemp, open, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Image } from '#clients/image.ts';
import type { Caller } from '#clients/rest.ts';
import { missingPrograms } from '#common/host/privileges.ts';
import { run } from '#common/host/run.ts';
import { createImageTransfer, type ImageTransfer } from './images.ts';

const missing = missingPrograms(['qemu-img', 'prlimit']);
const skip = missing.length > 0 && !process.env['CI'];
if (skip) console.log(`skipped: missing ${missing.join(', ')}`);

const { signal } = new AbortController();
const MIB = 1024 ** 2;

describe.skipIf(skip)('images and volumes', () => {
  let folder: string;
  let transfer: ImageTransfer;
  let images: Map<string, { image: Partial<Image>; data: Buffer }>;
  const glance: Caller = async ({ method, url, body }) => {
    const [, id = '', part] = /\/v2\/images\/([^/]+)(\/file)?$/.exec(url) ?? [];
    const known = images.get(id);
    const answer = (status: number, text: string | Buffer = '') => ({
      status,
      headers: {},
      text: async () => text.toString(),
      json: async () => JSON.parse(text.toString()),
      stream: Readable.from([text]),
    });
    if (!known) return answer(404, '{"message": "no such image"}');
    if (method === 'PUT') {
      if (known.image.status === 'saving') return answer(409, 'it is being saved');
      known.data = await buffer(body as Readable);
      known.image = { ...known.image, status: 'active' };
      return answer(204);
    }
    if (method === 'DELETE') {
      images.delete(id);
      return answer(204);
    }
    return part ? answer(200, known.data) : answer(200, JSON.stringify(known.image));
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'igloo-images-'));
    images = new Map();
    transfer = createImageTransfer({
      ...{ run, glanceUrl: 'http://glance', call: glance, owner: 'stor1@lvm' },
      folder: join(folder, 'conversion'),
    });
  });
  afterEach(() => rm(folder, { recursive: true }));

  const image = (id: string, disk_format: string, data: Buffer, over: Partial<Image> = {}): void =>
    void images.set(id, {
      data,
      image: {
        ...{ id, name: id, status: 'active', size: data.length, disk_format, min_disk: 0 },
        checksum: createHash('md5').update(data).digest('hex'),
        ...over,
      },
    });
  const disk = async (format: string, size: string): Promise<Buffer> => {
    const raw = join(folder, 'raw');
    await writeFile(raw, Buffer.concat([Buffer.alloc(MIB, 'A'), Buffer.alloc(MIB), Buffer.alloc(MIB, 'B')]));
    await run(['qemu-img', 'resize', '-q', '-f', 'raw', raw, size]);
    await run(['qemu-img', 'convert', '-f', 'raw', '-O', format, raw, join(folder, 'image')]);
    return readFile(join(folder, 'image'));
  };
  const volume = async () => {
    const path = join(folder, 'volume');
    const file = await open(path, 'w');
    // What was there before must not shine through.
    await file.write(Buffer.alloc(4 * MIB, 'x'));
    await file.truncate(1024 * MIB);
    await file.close();
    return { spec: { id: 'v', name: 'volume-v', sizeGb: 1 }, local: { path, format: 'raw' as const } };
  };
  const beginning = async (path: string): Promise<Buffer> => {
    const file = await open(path, 'r');
    const { buffer: bytes } = await file.read(Buffer.alloc(4 * MIB), 0, 4 * MIB, 0).finally(() => file.close());
    return bytes;
  };
  const wanted = Buffer.concat([Buffer.alloc(MIB, 'A'), Buffer.alloc(MIB), Buffer.alloc(MIB, 'B'), Buffer.alloc(MIB)]);

  it.each(['qcow2', 'raw', 'vmdk', 'vdi'])('%s becomes a volume, twice with the same end', async (format) => {
    image('i', format, await disk(format, '8M'));
    const { spec, local } = await volume();
    await transfer.toVolume('i', spec, local, signal);
    await transfer.toVolume('i', spec, local, signal);
    expect((await beginning(local.path)).equals(wanted)).toBe(true);
    expect((await stat(local.path)).size).toBe(1024 * MIB);
    expect(await readdir(join(folder, 'conversion'))).toEqual([]);
  });

  it.each([
    [
      'too large for the volume',
      async () => image('i', 'qcow2', await disk('qcow2', '2G')),
      "Size is 2GB and doesn't fit in a volume of size 1GB",
    ],
    ['larger than said', async () => image('i', 'raw', Buffer.alloc(MIB), { min_disk: 2 }), 'minDisk size 2GB'],
    [
      'of another format than announced',
      async () => image('i', 'raw', await disk('qcow2', '8M')),
      'its content is qcow2',
    ],
    [
      'damaged on the way',
      async () => image('i', 'raw', Buffer.alloc(MIB), { checksum: 'x' }),
      'does not match its checksum',
    ],
    ['not ready', async () => image('i', 'raw', Buffer.alloc(MIB), { status: 'queued' }), 'it is queued'],
  ])('an image that is %s is refused', async (_, prepare, message) => {
    await prepare();
    const { spec, local } = await volume();
    await expect(transfer.toVolume('i', spec, local, signal)).rejects.toThrow(message);
    expect((await beginning(local.path)).subarray(0, 3).toString()).toBe('xxx');
    expect(await readdir(join(folder, 'conversion')).catch(() => [])).toEqual([]);
  });

  it.each([
    ['raw', 'raw'],
    ['qcow2', 'qcow2'],
    ['vmdk', 'vmdk'],
    ['vdi', 'vdi'],
    ['vhd', 'vpc'],
  ])('a volume becomes a %s image of exactly its size', async (diskFormat, format) => {
    image('i', diskFormat, Buffer.alloc(0), { status: 'queued', size: null });
    const path = join(folder, 'small');
    await writeFile(path, Buffer.concat([wanted, Buffer.alloc(12 * MIB)]));
    await transfer.toImage({ path, format: 'raw' }, 'i', signal);
    expect(images.get('i')?.image.status).toBe('active');
    const made = join(folder, 'made');
    await writeFile(made, images.get('i')!.data);
    const info = await run(['qemu-img', 'info', '--output=json', '-f', format, made]);
    expect((JSON.parse(info.stdout) as { 'virtual-size': number })['virtual-size']).toBe(16 * MIB);
    await run(['qemu-img', 'convert', '-f', format, '-O', 'raw', made, `${made}.raw`]);
    expect((await readFile(`${made}.raw`)).subarray(0, 4 * MIB).equals(wanted)).toBe(true);
    // It is filled: nothing happens.
    images.get('i')!.data = Buffer.from('as it was');
    await transfer.toImage({ path, format: 'raw' }, 'i', signal);
    expect(images.get('i')?.data.toString()).toBe('as it was');
  });

  it('waits for a Glance that is busy with the last try, and takes away only what was never filled', async () => {
    image('i', 'raw', Buffer.alloc(0), { status: 'saving' });
    const { local } = await volume();
    await expect(transfer.toImage(local, 'i', signal)).rejects.toMatchObject({ name: 'ImageBusy' });
    await transfer.discardImage('i');
    await transfer.discardImage('i');
    image('j', 'raw', Buffer.alloc(0));
    await transfer.discardImage('j');
    expect([...images.keys()]).toEqual(['j']);
  });

  it("removes what its predecessor left, and nobody else's", async () => {
    image('i', 'raw', Buffer.alloc(MIB));
    const { spec, local } = await volume();
    await transfer.toVolume('i', spec, local, signal);
    await writeFile(join(folder, 'conversion', 'old.stor1@lvm.part'), '');
    await writeFile(join(folder, 'conversion', 'old.stor2@lvm.part'), '');
    await transfer.sweep();
    expect(await readdir(join(folder, 'conversion'))).toEqual(['old.stor2@lvm.part']);
  });
});
