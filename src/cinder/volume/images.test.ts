import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '#common/api/transport.ts';
import { judgeHeader } from '#common/host/images/image-header.ts';
import { notingTransfer } from './images.ts';

const local = { path: '/volume-1', format: 'raw' } as const;

/** Glance with one image of this format that waits for its bytes. */
function glanceWith(diskFormat: string): { uploads: Buffer[]; transfer: ReturnType<typeof notingTransfer> } {
  const uploads: Buffer[] = [];
  const answer = (status: number, body: string): HttpResponse => ({
    ...{ status, headers: {} },
    text: async () => body,
    json: async <T>() => JSON.parse(body) as T,
    stream: Readable.from([body]),
  });
  const transfer = notingTransfer({
    glanceUrl: 'http://glance',
    async call({ method, body }) {
      if (method === 'GET') return answer(200, JSON.stringify({ id: 'i', status: 'queued', disk_format: diskFormat }));
      uploads.push(Buffer.concat(await (body as Readable).toArray()));
      return answer(204, '');
    },
  });
  return { uploads, transfer };
}

describe('a back end without bytes', () => {
  it.each(['raw', 'qcow2'])('fills a %s image with bytes that are one', async (format) => {
    const { uploads, transfer } = glanceWith(format);
    await transfer.toImage(local, 'i', new AbortController().signal);
    expect(uploads.map(judgeHeader)).toEqual([{ format, refusal: undefined }]);
  });

  it('says which formats it cannot make', async () => {
    const { uploads, transfer } = glanceWith('vmdk');
    await expect(transfer.toImage(local, 'i', new AbortController().signal)).rejects.toThrow(
      'makes raw and qcow2 images only',
    );
    expect(uploads).toEqual([]);
  });
});
