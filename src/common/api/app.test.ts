import { Type } from '@sinclair/typebox';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { adminContext } from '../auth/context.ts';
import { createEnforcer } from '../auth/policy.ts';
import { silentLogger } from '../telemetry/log.ts';
import { createApp, type AppOptions, type HttpApp, type MountPoint } from './app.ts';
import { conflict, unauthorized } from './errors.ts';
import { keystoneFaults, neutronFaults, novaFaults, type FaultStyle } from './faults.ts';
import { createHttpHost, createHttpTransport, type LocalApps } from './http.ts';
import { routesFor } from './route.ts';

const route = routesFor<{ greet: (name: string) => string }>();
const Params = Type.Object({ name: Type.String() });
const routes = [
  route({
    id: 'greetings.show',
    summary: 'Greets',
    method: 'GET',
    path: '/greetings/:name',
    policy: 'greet',
    status: 200,
    params: Params,
    query: Type.Object({ times: Type.Optional(Type.Integer({ minimum: 1 })) }),
    response: Type.Object({ greeting: Type.String() }),
    handle: (service, { params, query, version, prefix }) => ({
      greeting: service.greet(params.name),
      times: query.times ?? 1,
      version: String(version),
      prefix,
    }),
  }),
  route({
    id: 'greetings.create',
    summary: 'Makes one',
    method: 'POST',
    path: '/greetings',
    policy: 'greet',
    status: 202,
    body: Type.Object(
      { greeting: Type.Object({ name: Type.String({ minLength: 1 }) }, { additionalProperties: false }) },
      { additionalProperties: false },
    ),
    handle: (_service, { body }) => body,
  }),
  route({
    id: 'greetings.new',
    summary: 'From 2.5 on',
    method: 'GET',
    path: '/versioned',
    versions: { min: '2.5' },
    policy: 'greet',
    status: 200,
    handle: () => ({ is: 'new' }),
  }),
  route({
    id: 'greetings.old',
    summary: 'Until 2.4',
    method: 'GET',
    path: '/versioned',
    versions: { max: '2.4' },
    policy: 'greet',
    status: 200,
    handle: () => ({ is: 'old' }),
  }),
  route({
    id: 'greetings.fail',
    summary: 'Fails',
    method: 'GET',
    path: '/fail/:how',
    policy: 'greet',
    status: 200,
    params: Type.Object({ how: Type.String() }),
    handle: (_service, { params }) => {
      throw params.how === 'known' ? conflict('It is so.', { type: 'Busy' }) : new Error('secret detail');
    },
  }),
  route({
    id: 'greetings.admin',
    summary: 'Administrators only',
    method: 'GET',
    path: '/admin',
    policy: 'admin',
    status: 200,
    handle: () => ({}),
  }),
  route({
    id: 'greetings.upload',
    summary: 'Takes bytes',
    method: 'PUT',
    path: '/file',
    policy: 'greet',
    status: 200,
    handle: async (_service, { stream }) => {
      let size = 0;
      for await (const chunk of stream) size += (chunk as Buffer).length;
      return Readable.from([`got ${size}`]);
    },
  }),
];

const points: MountPoint[] = [
  {
    prefix: '/v2.1',
    api: 'v2.1',
    version: { type: 'compute', min: '2.1', max: '2.9', legacyHeader: 'x-openstack-nova-api-version' },
  },
  { prefix: '/v2/:project_id', api: 'v2', version: '2.0' },
];

function make(faults: FaultStyle = novaFaults, options: Partial<AppOptions> = {}): HttpApp {
  const app = createApp({ name: 'test', faults, log: silentLogger, ...options });
  app.mount({
    points,
    routes,
    service: { greet: (name) => `hello ${name}` },
    enforcer: createEnforcer({ greet: '@', admin: 'role:admin' }),
    authenticate: (token, requestId) => {
      if (!token) throw unauthorized('The request you have made requires authentication.');
      return { ...adminContext(requestId), projectId: 'p1', roles: [token], isAdmin: token === 'admin', token };
    },
  });
  return app;
}
const call = async (
  app: HttpApp,
  method: 'GET' | 'POST' | 'PUT',
  url: string,
  extra: { headers?: Record<string, string>; payload?: unknown } = {},
) => {
  const answer = await app.fastify.inject({
    method,
    url,
    headers: { 'x-auth-token': 'member', ...extra.headers },
    ...(extra.payload !== undefined && { payload: extra.payload as object }),
  });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: answer.body,
    json: (): unknown => answer.json(),
  };
};

describe('a mounted route', () => {
  it('takes an empty id for nothing, where paths are strict', async () => {
    const strict = make(novaFaults, { strictPaths: true });
    expect((await call(make(), 'GET', '/v2.1/greetings/ann/')).status).toBe(200);
    expect((await call(strict, 'GET', '/v2.1/greetings/ann')).status).toBe(200);
    expect((await call(strict, 'GET', '/v2.1/greetings/ann/?times=1')).status).toBe(404);
    expect((await call(strict, 'GET', '/v2.1/')).status).toBe((await call(strict, 'GET', '/v2.1')).status);
  });

  it('answers with the handler’s body, the negotiated version and a request id', async () => {
    const answer = await call(make(), 'GET', '/v2.1/greetings/ann?times=2');
    expect(answer.json()).toEqual({ greeting: 'hello ann', times: 2, version: '2.1', prefix: '/v2.1' });
    expect(answer.headers['openstack-api-version']).toBe('compute 2.1');
    expect(answer.headers['x-openstack-request-id']).toMatch(/^req-[0-9a-f-]{36}$/);
  });

  it('keeps the caller’s request id only when it is one', async () => {
    const id = 'req-01234567-89ab-4cde-8f01-23456789abcd';
    const kept = await call(make(), 'GET', '/v2.1/greetings/a', { headers: { 'x-openstack-request-id': id } });
    expect(kept.headers['x-openstack-request-id']).toBe(id);
    const made = await call(make(), 'GET', '/v2.1/greetings/a', { headers: { 'x-openstack-request-id': 'x\nevil' } });
    expect(made.headers['x-openstack-request-id']).not.toContain('evil');
  });

  it('refuses another project’s URL', async () => {
    const answer = await call(make(), 'GET', '/v2/p2/greetings/ann');
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("URL's project_id 'p2' doesn't match Context's project_id 'p1'");
    expect((await call(make(), 'GET', '/v2/p1/greetings/ann')).status).toBe(200);
  });

  it('is chosen by microversion', async () => {
    const app = make();
    const at = (version: string) =>
      call(app, 'GET', '/v2.1/versioned', { headers: { 'openstack-api-version': `compute ${version}` } });
    expect((await at('2.4')).json()).toEqual({ is: 'old' });
    expect((await at('latest')).json()).toEqual({ is: 'new' });
    expect((await at('2.10')).json()).toEqual({
      computeFault: {
        code: 406,
        message: 'Version 2.10 is not supported by the API. Minimum is 2.1 and maximum is 2.9.',
      },
    });
    expect((await at('xx')).json()).toEqual({
      badRequest: {
        code: 400,
        message: 'API Version String xx is of invalid format. Must be of format MajorNum.MinorNum.',
      },
    });
    const legacy = await call(app, 'GET', '/v2.1/versioned', { headers: { 'x-openstack-nova-api-version': '2.7' } });
    expect(legacy.json()).toEqual({ is: 'new' });
  });

  it.each([
    [{}, "Invalid input for field/attribute None. Value: {}. 'greeting' is a required property"],
    [{ greeting: {} }, "Invalid input for field/attribute greeting. Value: {}. 'name' is a required property"],
    [{ greeting: { name: '' } }, "Invalid input for field/attribute name. Value: . '' is too short"],
    [
      { greeting: { name: 'x', odd: 1 } },
      "Invalid input for field/attribute greeting. Value: {'name': 'x', 'odd': 1}. Additional properties are not allowed ('odd' was unexpected)",
    ],
    [{ greeting: { name: 5 } }, "Invalid input for field/attribute name. Value: 5. 5 is not of type 'string'"],
  ])('refuses the body %j in python-jsonschema’s words', async (payload, message) => {
    const answer = await call(make(), 'POST', '/v2.1/greetings', { payload });
    expect(answer.json()).toEqual({ badRequest: { code: 400, message } });
  });

  it('refuses what is not JSON, and what is too large', async () => {
    const headers = { 'content-type': 'application/json' };
    expect((await call(make(), 'POST', '/v2.1/greetings', { headers, payload: '{' })).status).toBe(400);
    const large = JSON.stringify({ greeting: { name: 'x'.repeat(200_000) } });
    expect((await call(make(), 'POST', '/v2.1/greetings', { headers, payload: large })).json()).toEqual({
      overLimit: { code: 413, message: 'Request is too large.' },
    });
  });

  it('needs a token, and the policy’s consent', async () => {
    expect((await call(make(), 'GET', '/v2.1/admin', { headers: { 'x-auth-token': '' } })).json()).toEqual({
      error: { code: 401, message: 'The request you have made requires authentication.', title: 'Unauthorized' },
    });
    expect((await call(make(), 'GET', '/v2.1/admin')).json()).toEqual({
      forbidden: { code: 403, message: "Policy doesn't allow admin to be performed." },
    });
    expect((await call(make(), 'GET', '/v2.1/admin', { headers: { 'x-auth-token': 'admin' } })).status).toBe(200);
  });

  it('streams bodies that are not JSON', async () => {
    const headers = { 'content-type': 'application/octet-stream' };
    const answer = await call(make(), 'PUT', '/v2.1/file', { headers, payload: Buffer.alloc(300_000) });
    expect(answer.body).toBe('got 300000');
  });
});

describe('faults', () => {
  it.each([
    ['nova', novaFaults, { conflictingRequest: { code: 409, message: 'It is so.' } }],
    ['keystone', keystoneFaults, { error: { code: 409, message: 'It is so.', title: 'Conflict' } }],
    ['neutron', neutronFaults, { NeutronError: { type: 'Busy', message: 'It is so.', detail: '' } }],
  ])('are in %s’s words', async (_name, faults, body) => {
    expect((await call(make(faults), 'GET', '/v2.1/fail/known')).json()).toEqual(body);
  });

  it('of ours tell the request id and nothing else', async () => {
    const answer = await call(make(), 'GET', '/v2.1/fail/unknown');
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain('secret');
    expect(answer.body).toContain(String(answer.headers['x-openstack-request-id']));
  });

  it('of a path without a route', async () => {
    const answer = await call(make(), 'GET', '/v2.1/nosuch');
    expect([answer.status, answer.body]).toEqual([404, '404 Not Found\n\nThe resource could not be found.\n\n   ']);
  });
});

describe('transport', () => {
  it('reaches an application of this process and one behind a socket with the same answer', async () => {
    const local: LocalApps = new Map();
    const listener = await createHttpHost(local).listen(make(), { host: '127.0.0.1', port: 0 });
    const request = {
      method: 'GET',
      url: `http://127.0.0.1:${listener.port}/v2.1/greetings/ann`,
      headers: { 'x-auth-token': 'member' },
    };
    const inside = await createHttpTransport(local).request(request);
    const outside = await createHttpTransport().request(request);
    expect(await inside.json()).toEqual(await outside.json());
    expect([inside.status, outside.status]).toEqual([200, 200]);
    await listener.close();
  });

  it('names the port that is taken and what to do', async () => {
    const host = createHttpHost();
    const first = await host.listen(make(), { host: '127.0.0.1', port: 0 });
    await expect(host.listen(make(), { host: '127.0.0.1', port: first.port })).rejects.toThrow(
      `Port ${first.port} on 127.0.0.1 is taken.`,
    );
    await first.close();
  });
});

describe('openapi', () => {
  it('describes every mounted route', async () => {
    const document = (await call(make(), 'GET', '/openapi.json')).json() as { paths: Record<string, unknown> };
    expect(Object.keys(document.paths)).toContain('/v2.1/greetings/{name}');
    expect(Object.keys(document.paths)).toContain('/v2/{project_id}/greetings');
  });
});
