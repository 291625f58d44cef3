import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fastifyStatic } from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DashboardFailure } from './failure.ts';
import { pagePolicy } from './headers.ts';

const YEAR = 365 * 86_400;
/** In the built page, where a nonce for this one answer comes. */
const PLACE = '__CSP_NONCE__';

const building = (nonce: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="5">
<meta name="viewport" content="width=device-width">
<title>Igloo</title>
<style nonce="${nonce}">
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 34rem; margin: 20vh auto; padding: 0 1rem; }
</style>
<h1>The console is being built</h1>
<p>This page loads itself again and opens the console as soon as it is there. The cloud works meanwhile.</p>
<p lang="zh-CN">控制台正在构建，完成后本页会自动打开。</p>
</html>
`;

/**
 * Serves the built app below `/dashboard`: files as they are, its page for every other path, which the app reads itself.
 * What is in `/assets` has its content's hash in its name and never changes.
 */
export async function serveApp(app: FastifyInstance, webRoot: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: webRoot,
    serve: false,
    index: false,
    dotfiles: 'ignore',
    preCompressed: true,
    cacheControl: false,
  });

  const page = async (reply: FastifyReply): Promise<FastifyReply> => {
    const nonce = randomBytes(16).toString('base64');
    void reply
      .header('content-security-policy', pagePolicy(nonce))
      .header('content-type', 'text/html; charset=utf-8')
      .header('cache-control', 'no-store');
    // Read each time: a build may come or change while we run.
    const built = await readFile(join(webRoot, 'index.html'), 'utf8').catch(() => null);
    if (built !== null) return reply.send(built.replaceAll(PLACE, nonce));
    return reply.code(503).header('retry-after', '5').send(building(nonce));
  };
  const noSuch = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const path = request.url.split('?', 1)[0] as string;
    void reply.removeHeader('cache-control');
    if (/^\/dashboard\/(api|assets)(\/|$)/.test(path) || !/^\/dashboard(\/|$)/.test(path) || !reads(request.method))
      throw new DashboardFailure(404, 'not-found', 'There is nothing at this address.');
    return page(reply);
  };
  const file = (name: string, cacheControl: string, reply: FastifyReply): FastifyReply =>
    reply.header('cache-control', cacheControl).header('vary', 'accept-encoding').sendFile(name);

  const method = ['GET', 'HEAD'];
  app.setNotFoundHandler(noSuch);
  app.route({ method, url: '/', handler: (_request, reply) => reply.redirect('/dashboard/') });
  for (const url of ['/dashboard', '/dashboard/', '/dashboard/index.html'])
    app.route({ method, url, handler: (_request, reply) => page(reply) });
  app.route<{ Params: { '*': string } }>({
    method,
    url: '/dashboard/assets/*',
    handler: ({ params }, reply) => file(`assets/${params['*']}`, `public, max-age=${YEAR}, immutable`, reply),
  });
  app.route<{ Params: { '*': string } }>({
    method,
    url: '/dashboard/*',
    handler: (request, reply) => {
      const name = request.params['*'];
      // Only what may be a file is looked for.
      return /^[\w-][\w.-]*\.\w+$/.test(name) ? file(name, 'no-cache', reply) : noSuch(request, reply);
    },
  });
}

const reads = (method: string): boolean => method === 'GET' || method === 'HEAD';
