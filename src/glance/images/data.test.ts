import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { contentRange, parseRange } from './byte-range.ts';
import { moveStatus, usageOf } from './rows.ts';
import { imageStatuses, mayFollow, transitions } from './status.ts';
import { as, contextOf, glanceFixture, octets, type FixtureOptions, type GlanceFixture } from '../testing/fixture.ts';

let glance: GlanceFixture;
afterEach(() => glance.close());
const start = async (options?: FixtureOptions): Promise<ReturnType<typeof as>> => {
  glance = await glanceFixture(options);
  return as(glance.app, 'alice');
};
const make = async (alice: ReturnType<typeof as>, body: object = {}): Promise<string> =>
  (await alice('POST', '/v2/images', { disk_format: 'raw', container_format: 'bare', ...body })).json<{ id: string }>()
    .id;
const status = async (alice: ReturnType<typeof as>, id: string): Promise<unknown> =>
  (await alice('GET', `/v2/images/${id}`)).json<{ status: string }>().status;
const upload = { afterFailure: 'queued', signal: new AbortController().signal } as const;
const ctx = contextOf('alice', 'req-1');

describe('an upload', () => {
  it('that the sender breaks off leaves the image queued and no data', async () => {
    const alice = await start();
    const id = await make(alice);
    const source = new PassThrough();
    const uploading = glance.data.upload(ctx, id, source, upload);
    source.write(Buffer.alloc(1 << 20));
    await expect.poll(() => status(alice, id)).toBe('saving');
    source.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
    await expect(uploading).rejects.toMatchObject({ status: 400 });
    expect(await status(alice, id)).toBe('queued');
    expect(await readdir(glance.folder)).toEqual([]);
  });

  it('beside another of the same image is refused', async () => {
    const alice = await start();
    const id = await make(alice);
    const source = new PassThrough();
    const first = glance.data.upload(ctx, id, source, upload);
    await expect.poll(() => status(alice, id)).toBe('saving');
    expect((await alice('PUT', `/v2/images/${id}/file`, 'x', octets)).statusCode).toBe(409);
    source.end('hello');
    expect(await first).toMatchObject({ status: 'active', size: 5 });
  });

  it('of an image that is deleted meanwhile leaves nothing', async () => {
    const alice = await start();
    const id = await make(alice);
    const source = new PassThrough();
    const uploading = glance.data.upload(ctx, id, source, upload);
    await expect.poll(() => status(alice, id)).toBe('saving');
    expect((await alice('DELETE', `/v2/images/${id}`)).statusCode).toBe(204);
    source.end('hello');
    await expect(uploading).rejects.toMatchObject({ status: 410 });
    expect(await readdir(glance.folder)).toEqual([]);
    expect(await usageOf(glance.db.query, 'alice')).toBe(0);
  });

  it('that is larger than the cap or the quota is a 413', async () => {
    const alice = await start({ sizeCap: 100, storageQuota: 150 });
    const id = await make(alice);
    const tooLarge = await alice('PUT', `/v2/images/${id}/file`, 'x'.repeat(101), octets);
    expect([tooLarge.statusCode, tooLarge.body]).toEqual([413, expect.stringContaining('cap of 100 bytes')]);
    expect(await status(alice, id)).toBe('queued');
    expect((await alice('PUT', `/v2/images/${id}/file`, 'x'.repeat(100), octets)).statusCode).toBe(204);
    const second = await make(alice);
    const over = await alice('PUT', `/v2/images/${second}/file`, 'x'.repeat(51), octets);
    expect([over.statusCode, over.body]).toEqual([413, expect.stringContaining('exceeds the quota')]);
    expect((await alice('PUT', `/v2/images/${second}/file`, 'x'.repeat(50), octets)).statusCode).toBe(204);
    await alice('DELETE', `/v2/images/${id}`);
    expect(await usageOf(glance.db.query, 'alice')).toBe(50);
  });

  it('counts against the quota exactly, however many run at once', async () => {
    const alice = await start({ storageQuota: 100 });
    const ids = await Promise.all(Array.from({ length: 8 }, () => make(alice)));
    const sent = await Promise.allSettled(
      ids.map((id) => glance.data.upload(ctx, id, Readable.from([Buffer.alloc(30)]), upload)),
    );
    expect(sent.filter((one) => one.status === 'fulfilled')).toHaveLength(3);
    expect(await usageOf(glance.db.query, 'alice')).toBe(90);
    expect(await readdir(glance.folder)).toHaveLength(3);
  });

  it('may be of another format than declared when the operator allows it, but never refer to other files', async () => {
    const alice = await start({ strictFormat: false });
    const id = await make(alice, { disk_format: 'qcow2' });
    expect((await alice('PUT', `/v2/images/${id}/file`, 'hello', octets)).statusCode).toBe(204);
    const header = Buffer.alloc(512);
    header.write('QFI\xfb', 0, 'latin1');
    header.writeUInt32BE(2, 4);
    header.writeBigUInt64BE(77n, 8);
    const second = await make(alice);
    const refused = await alice('PUT', `/v2/images/${second}/file`, header, octets);
    expect([refused.statusCode, refused.body]).toEqual([400, expect.stringContaining('it has a backing file')]);
  });
});

describe('after a crash', () => {
  it('what was being received is queued again, deletes are finished, no file is left', async () => {
    const alice = await start();
    const [saving, deleting, elsewhere] = [await make(alice), await make(alice), await make(alice)];
    await alice('PUT', `/v2/images/${deleting}/file`, 'hello', octets);
    const now = '2014-10-15T12:25:50.000000';
    const { query } = glance.db;
    await moveStatus(query, saving, ['queued'], 'saving', now, { receiver: 'here' });
    await moveStatus(query, elsewhere, ['queued'], 'saving', now, { receiver: 'other' });
    await moveStatus(query, deleting, ['active'], 'pending_delete', now);
    await writeFile(join(glance.folder, `.${saving}.here.part`), 'half');
    await writeFile(join(glance.folder, saving), 'whole, but not yet registered');
    expect(await glance.images.recover('here')).toEqual({ requeued: 1, deleted: 1 });
    expect([await status(alice, saving), await status(alice, elsewhere)]).toEqual(['queued', 'saving']);
    expect((await alice('GET', `/v2/images/${deleting}`)).statusCode).toBe(404);
    expect(await readdir(glance.folder)).toEqual([]);
    expect(await usageOf(query, 'alice')).toBe(0);
  });
});

describe('the table of statuses', () => {
  it('leads from anywhere to deleted, and from there nowhere', async () => {
    await start();
    for (const from of imageStatuses) if (from !== 'deleted') expect(mayFollow(from, 'deleted'), from).toBe(true);
    expect(transitions.deleted).toEqual([]);
    await expect(moveStatus(glance.db.query, 'x', ['deleted'], 'active', '')).rejects.toThrow('No image goes from');
  });
});

describe('a Range header', () => {
  it.each([
    [undefined, undefined],
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=5-', { start: 5, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=0-99', { start: 0, end: 9 }],
    ['bytes=0-1,3-4', undefined],
    ['items=0-1', undefined],
    ['bytes=5-3', undefined],
  ])('%s of ten bytes is %j', async (header, range) => {
    await start();
    expect(parseRange(header, 10)).toEqual(range);
    if (range) expect(contentRange(range, 10)).toBe(`bytes ${range.start}-${range.end}/10`);
  });
});
