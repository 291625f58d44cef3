import { afterAll, describe, expect, it } from 'vitest';
import { callerOfSession, callerWithToken, createRestClient } from '#clients/rest.ts';
import { createApp, type HttpApp } from '../api/app.ts';
import { unauthorized } from '../api/errors.ts';
import { neutronFaults, novaFaults } from '../api/faults.ts';
import { createHttpHost, createHttpTransport } from '../api/http.ts';
import { routesFor } from '../api/route.ts';
import { adminContext } from '../auth/context.ts';
import { createEnforcer } from '../auth/policy.ts';
import { createSession } from '../auth/session.ts';
import { call, cast, rpcContract } from '../bus/bus.ts';
import { createMemoryBus } from '../bus/memory.ts';
import { systemClock } from '../clock.ts';
import { openstackLine } from './format.ts';
import { createLogger } from './log.ts';

const lines: string[] = [];
const log = createLogger('cloud', (record) => lines.push(openstackLine(record, { pid: 1, stacks: false })), 'DEBUG');
const said = (text: string): string => lines.find((line) => line.includes(text)) ?? `nobody said: ${text}`;

const enforcer = createEnforcer({ anybody: '' });
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

interface Work {
  run(): Promise<unknown>;
}
/** A service with one endpoint, which does `run`; on a real socket. */
async function service(name: string, run: Work['run']): Promise<{ app: HttpApp; url: string }> {
  const app = createApp({ name, faults: name === 'nova' ? novaFaults : neutronFaults, log: log.child(name) });
  const route = routesFor<Work>()({
    id: 'work.do',
    summary: 'Does the work',
    method: 'POST',
    path: '/work',
    policy: 'anybody',
    status: 202,
    handle: (work) => work.run(),
  });
  app.mount({
    points: [{ prefix: '', api: 'v1', version: '1.0' }],
    routes: [route],
    service: { run },
    enforcer,
    authenticate: (token, requestId) => {
      log.info(`${name} checks a token`);
      if (!token) throw unauthorized('No token.');
      return { ...adminContext(requestId), userId: 'u1', projectId: 'p1' };
    },
  });
  const { port, close } = await createHttpHost(new Map()).listen(app, { host: '127.0.0.1', port: 0 });
  closing.push(close);
  return { app, url: `http://127.0.0.1:${port}` };
}

const contract = rpcContract('compute', { spawn: call<object, string>() });
const later = rpcContract('later', { tell: cast<object>(), fails: cast<object>() });

describe('a request id', () => {
  it("goes from the client's answer through other services and the bus into every log line", async () => {
    const transport = createHttpTransport();
    const bus = createMemoryBus({ log: log.child('bus') });
    closing.push(() => bus.close());
    const told = Promise.withResolvers<void>();
    await bus.serve(contract, 'host1', {
      spawn: async (_args, meta) => {
        log.info('compute spawns');
        await bus.client(later).cast('tell', {});
        return meta.requestId ?? 'none';
      },
    });
    const neutron = await service('neutron', async () => {
      log.info('neutron works');
      throw new TypeError('a fault of ours');
    });
    const glance = await service('glance', async () => {
      log.info('glance works');
      return {};
    });
    const keystone = createApp({ name: 'keystone', faults: novaFaults, log });
    keystone.fastify.post('/v3/auth/tokens', (_request, reply) =>
      reply
        .code(201)
        .header('x-subject-token', 't2')
        .send({ token: { expires_at: '2099-01-01T00:00:00Z', project: { id: 'p0' }, catalog: [] } }),
    );
    const identity = await createHttpHost(new Map()).listen(keystone, { host: '127.0.0.1', port: 0 });
    closing.push(() => identity.close());
    const session = createSession(
      { authUrl: `http://127.0.0.1:${identity.port}/v3`, username: 'nova', password: 'x', projectName: 'service' },
      { transport, clock: systemClock },
    );
    const asUser = createRestClient({
      service: 'Glance',
      baseUrl: glance.url,
      call: callerWithToken(transport, 't1'),
    });
    const asService = createRestClient({ service: 'Neutron', baseUrl: neutron.url, call: callerOfSession(session) });
    const nova = await service('nova', async () => {
      log.info('nova works');
      await asUser.json('POST', '/work', {});
      await asService.json('POST', '/work', {}).catch(() => undefined);
      await bus.client(later).cast('fails', {});
      return { meta: await bus.client(contract).call('spawn', {}) };
    });

    const answer = await transport.request({
      method: 'POST',
      url: `${nova.url}/work`,
      headers: { 'x-auth-token': 't1', 'content-type': 'application/json' },
      body: '{}',
    });
    expect(answer.status).toBe(202);
    // Served out of the request's call chain: what its lines carry came in the message.
    await bus.serve(later, 'host1', {
      tell: () => {
        log.info('compute tells');
        told.resolve();
      },
      fails: () => {
        throw new Error('no disk');
      },
    });
    await told.promise;
    const id = answer.headers['x-openstack-request-id']!;
    expect(id).toMatch(/^req-/);
    expect(await answer.json()).toEqual({ meta: id });
    for (const text of ['nova works', 'glance works', 'neutron works']) expect(said(text)).toContain(`[${id} u1 p1] `);
    for (const text of ['compute spawns', 'compute tells', '"fails" on later failed: no disk'])
      expect(said(text)).toContain(`[${id} `);
    for (const name of ['nova', 'glance', 'neutron']) expect(said(`${name} checks a token`)).toContain(`[${id} `);
    expect(said('Unexpected error in API method: a fault of ours')).toContain(`[${id} `);
  });

  it('is the one that the caller brought, when it looks like one', async () => {
    const { url } = await service('nova', async () => ({}));
    const ask = async (id: string): Promise<string | undefined> => {
      const headers = { 'x-auth-token': 't1', 'x-openstack-request-id': id };
      return (await createHttpTransport().request({ method: 'POST', url: `${url}/work`, headers })).headers[
        'x-openstack-request-id'
      ];
    };
    const mine = 'req-01234567-89ab-4def-8123-456789abcdef';
    expect(await ask(mine)).toBe(mine);
    expect(await ask('req-1\u0020CRITICAL')).not.toContain('CRITICAL');
  });
});
