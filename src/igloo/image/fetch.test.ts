import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchCloudImage, type FetchedImage } from './fetch.ts';

const image = randomBytes(300_000);
const sha256 = createHash('sha256').update(image).digest('hex');
type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A publisher who knows ranges. */
const serveImage: Answer = (request, response) => {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from >= image.length) response.writeHead(416, { 'content-range': `bytes */${image.length}` }).end();
  else if (from === 0) response.writeHead(200, { 'content-length': image.length }).end(image);
  else
    response
      .writeHead(206, { 'content-range': `bytes ${from}-${image.length - 1}/${image.length}` })
      .end(image.subarray(from));
};

describe('fetchCloudImage', () => {
  let server: Server;
  let dir: string;
  let checksums: string;
  let answers: Answer[];
  let ranges: (string | undefined)[];
  let lines: string[];

  beforeEach(async () => {
    [answers, ranges, lines, checksums] = [[], [], [], `${sha256} *guest.img\n`];
    dir = await mkdtemp(join(tmpdir(), 'igloo-fetch-'));
    server = createServer((request, response) => {
      if (request.url === '/images/SHA256SUMS') return void response.end(checksums);
      ranges.push(request.headers.range);
      (answers.shift() ?? serveImage)(request, response);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(dir, { recursive: true });
  });

  const bring = (signal?: AbortSignal): Promise<FetchedImage> => {
    const folder = `http://127.0.0.1:${(server.address() as AddressInfo).port}/images`;
    const guest = { title: 'Guest', login: 'guest', folder, file: 'guest.img' };
    return fetchCloudImage({
      name: 'guest',
      outDir: dir,
      catalogue: { guest: { ...guest, checksumFile: 'SHA256SUMS', algorithm: 'sha256' } },
      log: (line) => lines.push(line),
      retries: 2,
      retryDelayMs: 1,
      stallMs: 500,
      signal,
    });
  };

  it('brings an image with the publisher’s checksum, telling of its progress', async () => {
    expect(await bring()).toEqual({ path: join(dir, 'guest.img'), bytes: image.length, digest: sha256 });
    expect(await readFile(join(dir, 'guest.img'))).toEqual(image);
    expect(await readdir(dir)).toEqual(['guest.img']);
    expect(lines).toContain('100% of 0.3 MB');
  });

  it('does not download again what is there', async () => {
    await bring();
    await bring();
    expect(ranges).toHaveLength(1);
  });

  it('goes on where an earlier run ended', async () => {
    await writeFile(join(dir, 'guest.img.part'), image.subarray(0, 100_000));
    await bring();
    expect(ranges).toEqual(['bytes=100000-']);
    expect(await readFile(join(dir, 'guest.img'))).toEqual(image);
  });

  it('takes up a part that was complete', async () => {
    await writeFile(join(dir, 'guest.img.part'), image);
    await bring();
    expect(await readFile(join(dir, 'guest.img'))).toEqual(image);
  });

  it('goes on after a broken connection and after a silent one', async () => {
    answers = [
      (_, response) => {
        response.writeHead(200, { 'content-length': image.length });
        response.write(image.subarray(0, 50_000), () => response.destroy());
      },
      () => undefined, // never answers
    ];
    await bring();
    expect(ranges[0]).toBeUndefined();
    expect(ranges[1]).toMatch(/^bytes=\d+-$/);
    expect(await readFile(join(dir, 'guest.img'))).toEqual(image);
    expect(lines.join('\n')).toContain('no data for 0.5 s');
  });

  it('starts over when the server ignores the range', async () => {
    await writeFile(join(dir, 'guest.img.part'), randomBytes(1000));
    answers = [(_, response) => response.end(image)];
    await bring();
    expect(await readFile(join(dir, 'guest.img'))).toEqual(image);
  });

  it('starts over when the part was of another version', async () => {
    await writeFile(join(dir, 'guest.img.part'), randomBytes(1000));
    await bring();
    expect(ranges).toEqual(['bytes=1000-', undefined]);
    expect(await readFile(join(dir, 'guest.img'))).toEqual(image);
  });

  it('keeps nothing that has a wrong checksum', async () => {
    answers = [(_, response) => response.end('something else')];
    await expect(bring()).rejects.toThrow(/does not have the checksum that its publisher gives/);
    expect(await readdir(dir)).toEqual([]);
  });

  it('says what a refusal was, without trying again', async () => {
    answers = [(_, response) => response.writeHead(404).end()];
    await expect(bring()).rejects.toThrow(/\/images\/guest\.img: the server answers 404 Not Found\.$/);
    expect(ranges).toHaveLength(1);
  });

  it('says that the publisher no longer lists the image', async () => {
    checksums = `${sha256}  other.img\n`;
    await expect(bring()).rejects.toThrow(/does not list guest\.img/);
  });

  it('keeps its part when it is stopped', async () => {
    const stop = new AbortController();
    answers = [
      (_, response) => {
        response.writeHead(200, { 'content-length': image.length });
        response.write(image.subarray(0, 50_000), () => stop.abort());
      },
    ];
    await expect(bring(stop.signal)).rejects.toThrow(/aborted/);
    expect((await readdir(dir)).filter((file) => file !== 'guest.img.part')).toEqual([]);
  });

  it('names the choices for an unknown name', async () => {
    await expect(fetchCloudImage({ name: 'plan9', outDir: dir, log: () => undefined })).rejects.toThrow(
      'There is no image "plan9" to fetch: choose one of cirros, debian, ubuntu, fedora.',
    );
  });
});
