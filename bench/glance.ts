/** Image upload, download and lists of glance-api over loopback: `node bench/glance.ts [megabytes]`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const megabytes = Number(process.argv[2] ?? 1024);
const folder = await mkdtemp(join(tmpdir(), 'igloo-bench-glance-'));
const server = spawn(process.execPath, [new URL('../src/glance/testing/serve.ts', import.meta.url).pathname, folder], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [line] = (await once(server.stdout, 'data')) as [Buffer];
const base = { host: '127.0.0.1', port: Number(line.toString()) };
const headers = { 'x-auth-token': 'alice' };

async function make(name: string): Promise<string> {
  const made = await fetch(`http://${base.host}:${base.port}/v2/images`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ name, disk_format: 'raw', container_format: 'bare', kind: 'bench', tags: ['a'] }),
  });
  return ((await made.json()) as { id: string }).id;
}

async function upload(id: string): Promise<number> {
  const block = Buffer.alloc(1 << 20, 7);
  const began = performance.now();
  const put = request({
    ...base,
    method: 'PUT',
    path: `/v2/images/${id}/file`,
    headers: { ...headers, 'content-type': 'application/octet-stream', 'content-length': megabytes * block.length },
  });
  for (let sent = 0; sent < megabytes; sent++) if (!put.write(block)) await once(put, 'drain');
  put.end();
  const [answer] = (await once(put, 'response')) as [{ statusCode: number; resume(): void }];
  answer.resume();
  if (answer.statusCode !== 204) throw new Error(`The upload ended with HTTP ${answer.statusCode}`);
  return megabytes / ((performance.now() - began) / 1000);
}

async function download(id: string): Promise<number> {
  const began = performance.now();
  const get = request({ ...base, path: `/v2/images/${id}/file`, headers });
  get.end();
  const [answer] = (await once(get, 'response')) as [NodeJS.ReadableStream];
  answer.resume();
  await once(answer, 'end');
  return megabytes / ((performance.now() - began) / 1000);
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

try {
  const uploads: number[] = [];
  const downloads: number[] = [];
  for (let round = 0; round < 3; round++) {
    const id = await make('large');
    uploads.push(await upload(id));
    downloads.push(await download(id));
    await fetch(`http://${base.host}:${base.port}/v2/images/${id}`, { method: 'DELETE', headers });
  }
  console.log(`upload    ${median(uploads).toFixed(0)} MiB/s (MD5 and SHA-512 of all bytes)`);
  console.log(`download  ${median(downloads).toFixed(0)} MiB/s`);
  for (let index = 0; index < 1000; index++) await make(`image-${index}`);
  const lists: number[] = [];
  for (let round = 0; round < 200; round++) {
    const began = performance.now();
    await (await fetch(`http://${base.host}:${base.port}/v2/images?limit=100&sort=name:asc`, { headers })).text();
    lists.push(performance.now() - began);
  }
  console.log(`list      ${median(lists).toFixed(1)} ms for 100 of 1,000 images (p50)`);
} finally {
  server.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}
