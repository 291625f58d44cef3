import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { request, type ClientRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '#common/host/run.ts';

/** Runs a whole glance-api with a fake token check, in a process that can be killed. */
const server = new URL('./testing/serve.ts', import.meta.url).pathname;
let folder: string;
let child: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'igloo-glance-crash-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

async function serve(prefix: readonly string[] = []): Promise<number> {
  const [program = '', ...args] = [...prefix, process.execPath, server, folder];
  child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return Number(line.toString());
}

const headers = { 'x-auth-token': 'alice' };
async function make(port: number): Promise<string> {
  const made = await fetch(`http://127.0.0.1:${port}/v2/images`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ disk_format: 'raw', container_format: 'bare' }),
  });
  return ((await made.json()) as { id: string }).id;
}
const statusOf = async (port: number, id: string): Promise<unknown> =>
  ((await (await fetch(`http://127.0.0.1:${port}/v2/images/${id}`, { headers })).json()) as { status: string }).status;
function put(port: number, id: string): ClientRequest {
  const upload = request({
    port,
    host: '127.0.0.1',
    method: 'PUT',
    path: `/v2/images/${id}/file`,
    headers: { ...headers, 'content-type': 'application/octet-stream' },
  });
  upload.on('error', () => undefined); // the server dies on purpose
  return upload;
}
const images = (): string => join(folder, 'images');

describe('glance-api', () => {
  it('that is killed in an upload has the image queued, and no data, when it is back', async () => {
    const port = await serve();
    const id = await make(port);
    const upload = put(port, id);
    upload.write(Buffer.alloc(4 << 20, 1));
    await expect.poll(() => statusOf(port, id), { timeout: 20_000 }).toBe('saving');
    await expect.poll(async () => (await readdir(images())).length, { timeout: 20_000 }).toBe(1);
    child?.kill('SIGKILL');
    await once(child as ChildProcess, 'exit');
    const again = await serve();
    expect(await statusOf(again, id)).toBe('queued');
    expect(await readdir(images())).toEqual([]);
    const second = put(again, id);
    second.end('whole');
    const [answer] = (await once(second, 'response')) as [{ statusCode: number; resume(): void }];
    answer.resume();
    expect(answer.statusCode).toBe(204);
    expect(await statusOf(again, id)).toBe('active');
  });

  const mayMount = process.getuid?.() === 0 && existsSync('/usr/bin/unshare');
  if (!mayMount && !process.env['CI']) console.log('skipped: a full disk needs root and unshare');
  it.skipIf(!mayMount && !process.env['CI'])('answers 413 when the disk is full, and keeps nothing', async () => {
    await mkdir(images());
    // A file system of 2 MB that only this server sees, and that ends with it.
    const mount = 'mount -t tmpfs -o size=2m none "$0" && exec "$@"';
    const port = await serve(['unshare', '--mount', '--propagation', 'private', 'sh', '-c', mount, images()]);
    const id = await make(port);
    const upload = put(port, id);
    upload.end(Buffer.alloc(8 << 20, 1));
    const [answer] = (await once(upload, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
    let body = '';
    for await (const part of answer) body += String(part);
    expect([answer.statusCode, body]).toEqual([413, expect.stringContaining('Image storage media is full')]);
    expect(await statusOf(port, id)).toBe('queued');
    const { stdout } = await run(['nsenter', '-t', String(child?.pid), '-m', 'ls', '-A', images()]);
    expect(stdout).toBe('');
  });
});
