import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pageServer } from './pages.ts';

let web: string;
let server: Server;
let port: number;
beforeAll(async () => {
  web = mkdtempSync(join(tmpdir(), 'novnc-'));
  writeFileSync(join(web, 'vnc_auto.html'), '<title>noVNC</title>');
  symlinkSync('/etc/passwd', join(web, 'evil.html'));
  const page = pageServer(web);
  server = createServer((request, response) => void page(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(web, { recursive: true });
});

it('serves the pages, hands the token on, and nothing outside the folder', async () => {
  const fetched = (path: string) => fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual' });
  const page = await fetched('/vnc_auto.html');
  expect([page.status, await page.text(), page.headers.get('content-type')]).toEqual([
    200,
    '<title>noVNC</title>',
    'text/html; charset=utf-8',
  ]);
  const handed = await fetched('/vnc_auto.html?token=abc');
  expect([handed.status, handed.headers.get('location')]).toEqual([
    302,
    '/vnc_auto.html?token=abc&autoconnect=true&path=websockify%3Ftoken%3Dabc',
  ]);
  for (const path of ['/nope.html', '/evil.html', '/..%2f..%2fetc%2fpasswd', '/%00'])
    expect([path, (await fetched(path)).status]).toEqual([path, 404]);
  expect((await fetch(`http://127.0.0.1:${port}/`, { method: 'POST' })).status).toBe(405);
});
