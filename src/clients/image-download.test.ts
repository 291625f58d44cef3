import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from './rest.ts';
import type { HttpRequest, HttpResponse } from '#common/api/transport.ts';
import { glanceDownload } from './image-download.ts';

const data = 'the bytes of an image';
const answer = (status: number, body: string): HttpResponse => ({
  status,
  headers: {},
  text: async () => body,
  json: async () => JSON.parse(body),
  stream: Readable.from([Buffer.from(body.slice(0, 5)), Buffer.from(body.slice(5))]),
});

describe('glanceDownload', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'download-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const asked: HttpRequest[] = [];
  const glance = (image: Record<string, unknown>): Caller => {
    asked.length = 0;
    return async (request) => {
      asked.push(request);
      return request.url.endsWith('/file')
        ? answer(200, data)
        : answer(
            200,
            JSON.stringify({ id: 'i1', status: 'active', disk_format: 'qcow2', size: data.length, ...image }),
          );
    };
  };
  const fetch = (call: Caller): Promise<{ diskFormat: string }> =>
    glanceDownload('http://glance:9292', call, 'i1', new AbortController().signal)(join(folder, 'image'));

  it('writes the bytes, large and verified', async () => {
    const checksum = createHash('md5').update(data).digest('hex');
    expect(await fetch(glance({ checksum }))).toEqual({ diskFormat: 'qcow2' });
    expect(await readFile(join(folder, 'image'), 'utf8')).toBe(data);
    expect(asked.map(({ url, large }) => [url, large])).toEqual([
      ['http://glance:9292/v2/images/i1', undefined],
      ['http://glance:9292/v2/images/i1/file', true],
    ]);
    const sha512 = createHash('sha512').update(data).digest('hex');
    await fetch(glance({ os_hash_algo: 'sha512', os_hash_value: sha512, checksum: 'ignored' }));
  });

  it('refuses what is damaged, cut off or not ready, in words', async () => {
    await expect(fetch(glance({ checksum: '00' }))).rejects.toThrow('does not match its checksum');
    await expect(fetch(glance({ os_hash_algo: 'sha512', os_hash_value: '00' }))).rejects.toThrow('checksum');
    await expect(fetch(glance({ size: 1_000 }))).rejects.toThrow('21 bytes came of 1000');
    await expect(fetch(glance({ status: 'queued' }))).rejects.toThrow('it is queued');
    await expect(fetch(async () => answer(404, '{"message": "No image found with ID i1"}'))).rejects.toThrow(
      'No image found with ID i1',
    );
  });
});
