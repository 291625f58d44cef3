/**
 * `node dashboard-session.ts http://controller 127.0.0.1:11211`: signs in at the dashboard as OS_USERNAME, sees that the
 * session is known, empties memcached, and sees that it is known no more. Status 1 with a line when one of it is not so.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { SessionDocument } from '#dashboard/session-document.ts';

const [root = '', memcached = ''] = process.argv.slice(2);
const cookies = new Map<string, string>();

async function session(
  method: string,
  headers: Readonly<Record<string, string>> = {},
  body?: unknown,
): Promise<SessionDocument> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const answer = await fetch(`${root}/dashboard/api/session`, {
    method,
    headers: { cookie, origin: root, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  for (const line of answer.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    cookies.set(name, value);
  }
  if (!answer.ok) throw new Error(`${method} session: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as SessionDocument;
}

/** @returns the first line of what memcached answers */
async function say(command: string): Promise<string> {
  const [host = '', port = ''] = memcached.split(':');
  const socket = connect(Number(port), host);
  socket.write(`${command}\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString();
}

const kept = async (): Promise<number> => Number(/STAT curr_items (\d+)/.exec(await say('stats'))?.[1]);
const must = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what);
};

try {
  const { csrf } = await session('GET');
  const [username, password] = [process.env['OS_USERNAME'] ?? '', process.env['OS_PASSWORD'] ?? ''];
  await session('POST', { 'x-csrf-token': csrf }, { username, password });
  must((await session('GET')).signedIn, 'the session is not known after signing in');
  must((await kept()) > 0, 'memcached has nothing');
  await say('flush_all');
  must(!(await session('GET')).signedIn, 'the session is known still, though memcached has forgotten it');
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
