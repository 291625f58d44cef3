/** A small cloud for tests: a Keystone with one user, and services that a test lets answer as it wants. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface FakeCloud {
  readonly root: string;
  readonly keystoneUrl: string;
  /** How a service answers from now on: `compute`, `image` … */
  on(service: string, answer: Answer): void;
  /** Every token that was ever given out begins with it. */
  readonly tokenMark: string;
  /** Tokens that hold, and the project of each. */
  readonly tokens: Map<string, string | null>;
  /** What the services and Keystone were asked: `GET /compute/v2.1/p1/servers`. */
  readonly asked: string[];
  readonly state: {
    password: string;
    defaultProject: string | null;
    projects: { id: string; name: string; role: string | null; enabled?: boolean }[];
    /** `/v2.0` and the like, of the catalogue's Identity service. */
    identityVersion: string;
    services: string[];
    regions: string[];
    expiresAt: string;
    /** What a token is longer by: signed ones have some 10 KiB. */
    padding: string;
    /** Instead of an answer of Keystone. */
    keystoneStatus: number | null;
  };
  close(): Promise<void>;
}

const tokenMark = 'SECRET-TOKEN-';

export async function startFakeCloud(): Promise<FakeCloud> {
  const tokens = new Map<string, string | null>();
  const answers = new Map<string, Answer>();
  const asked: string[] = [];
  const state: FakeCloud['state'] = {
    password: 'right',
    defaultProject: null,
    projects: [
      { id: 'p1', name: 'alpha', role: 'member' },
      { id: 'p2', name: 'beta', role: 'admin' },
    ],
    identityVersion: '/v2.0',
    services: ['compute', 'image', 'network', 'volumev3', 'event'],
    regions: ['RegionOne', 'RegionTwo'],
    expiresAt: '2026-11-23T20:00:00.000000Z',
    keystoneStatus: null,
    padding: '',
  };
  let root = '';
  const say = (response: ServerResponse, status: number, body?: unknown, headers = {}): void =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(body === undefined ? '' : JSON.stringify(body));
  const paths: Readonly<Record<string, (project: string) => string>> = {
    compute: (project) => `/compute/v2.1/${project}`,
    image: () => '/image',
    network: () => '/network/',
    volumev3: (project) => `/volume/v3/${project}`,
    event: () => '/event/v1',
  };
  const catalogOf = (project: string) =>
    ['identity', ...state.services].map((type) => ({
      id: type,
      type,
      name: type,
      endpoints: (type === 'identity' ? state.regions.slice(0, 1) : state.regions).flatMap((region) =>
        ['public', 'internal'].map((face) => ({
          interface: face,
          region,
          region_id: region,
          url: root + (type === 'identity' ? `/identity${state.identityVersion}` : (paths[type]?.(project) ?? '/none')),
        })),
      ),
    }));
  const issue = (response: ServerResponse, projectId: string | null): void => {
    const token = tokenMark + randomBytes(12).toString('hex') + state.padding;
    tokens.set(token, projectId);
    const project = state.projects.find(({ id }) => id === projectId);
    const domain = { id: 'default', name: 'Default' };
    const body = {
      expires_at: state.expiresAt,
      user: { id: 'u1', name: 'alice', domain, password_expires_at: null },
      ...(project && {
        project: { id: project.id, name: project.name, domain },
        roles: [{ id: 'r', name: project.role }],
        catalog: catalogOf(project.id),
      }),
    };
    say(response, 201, { token: body }, { 'x-subject-token': token });
  };
  const unauthorized = (response: ServerResponse, message = 'The request you have made requires authentication.') =>
    say(response, 401, { error: { code: 401, message, title: 'Unauthorized' } });

  const keystone: Answer = async (request, response) => {
    if (state.keystoneStatus !== null) return say(response, state.keystoneStatus, { error: { message: 'broken' } });
    const { url = '', method } = request;
    const own = String(request.headers['x-auth-token']);
    if (url === '/identity/v3/auth/tokens' && method === 'POST') {
      const { auth } = (await json(request)) as {
        auth: {
          identity: { password?: { user: { name: string; password: string } }; token?: { id: string } };
          scope?: { project?: { id: string } };
        };
      };
      const { password, token } = auth.identity;
      if (password && (password.user.name !== 'alice' || password.user.password !== state.password))
        return unauthorized(response);
      if (token && !tokens.has(token.id)) return unauthorized(response);
      const wanted = auth.scope ? (auth.scope.project?.id ?? null) : state.defaultProject;
      if (wanted !== null && !state.projects.some(({ id, role }) => id === wanted && role !== null))
        return unauthorized(response);
      return issue(response, wanted);
    }
    if (url === '/identity/v3') return say(response, 200, {});
    if (!tokens.has(own)) return unauthorized(response, `Could not find token: ${own}`);
    if (url === '/identity/v3/auth/tokens') {
      const subject = String(request.headers['x-subject-token']);
      if (method === 'DELETE') tokens.delete(subject);
      response.setHeader('x-subject-token', subject);
      return say(response, method === 'DELETE' ? 204 : 200);
    }
    if (url === '/identity/v3/auth/projects')
      return say(response, 200, { projects: state.projects.map((one) => ({ domain_id: 'default', ...one })) });
    const answer = answers.get('identity');
    return answer ? answer(request, response) : say(response, 404, { error: { message: 'none' } });
  };

  const server = createServer((request, response) => {
    const { url = '', method } = request;
    asked.push(`${method} ${url}`);
    const service = url.split('/')[1] ?? '';
    const answer = service === 'identity' ? keystone : answers.get(service);
    if (answer) void answer(request, response);
    else say(response, 200, { asked: url });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    root,
    keystoneUrl: `${root}/identity/v3`,
    on: (service, answer) => void answers.set(service, answer),
    tokenMark,
    tokens,
    asked,
    state,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
