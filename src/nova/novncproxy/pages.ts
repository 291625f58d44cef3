import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { IncomingMessage, ServerResponse } from 'node:http';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.oga': 'audio/ogg',
  '.mp3': 'audio/mpeg',
};

/**
 * Serves the noVNC pages of a folder. A page that is opened with a token (`vnc_auto.html?token=…`, the URL that
 * get-vnc-console has always given) is told to hand that token on to the WebSocket, which today's noVNC does only so.
 */
export function pageServer(root: string): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const answer = (status: number, text: string): void =>
      void response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return answer(405, 'Only GET and HEAD are answered here.');
    const url = new URL(request.url ?? '/', 'http://proxy');
    const token = url.searchParams.get('token');
    if (token !== null && !url.searchParams.has('path') && url.pathname.endsWith('.html')) {
      url.searchParams.set('autoconnect', 'true');
      url.searchParams.set('path', `websockify?token=${token}`);
      response.writeHead(302, { location: `${url.pathname}?${url.searchParams}`, 'cache-control': 'no-store' }).end();
      return;
    }
    const path = await inside(root, url.pathname === '/' ? '/vnc_auto.html' : url.pathname);
    const file = path === null ? null : await stat(path).catch(() => null);
    if (path === null || !file?.isFile())
      return answer(404, `There is no such page. The noVNC pages are expected in ${root} (package novnc).`);
    response.writeHead(200, {
      'content-type': types[extname(path)] ?? 'application/octet-stream',
      'content-length': file.size,
      'x-content-type-options': 'nosniff',
      // The page's address holds a token.
      'referrer-policy': 'no-referrer',
    });
    if (request.method === 'HEAD') response.end();
    else
      createReadStream(path)
        .on('error', () => response.destroy())
        .pipe(response);
  };
}

/** The file that a path names; null when it leads out of the folder, also by a link. */
async function inside(root: string, path: string): Promise<string | null> {
  try {
    const base = await realpath(root);
    const target = await realpath(join(base, decodeURIComponent(path)));
    // Debian's packages link to each other below /usr/share.
    return target.startsWith(base + sep) || target.startsWith('/usr/share/novnc/') ? target : null;
  } catch {
    return null;
  }
}
