import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';

let nova: NovaFixture;
beforeEach(async () => {
  nova = await novaFixture({ hosts: [] });
});
afterEach(() => nova.close());
const admin = { token: 'demo/admin' };
const build = {
  hypervisor: 'xen',
  os: 'linux',
  architecture: 'x86_64',
  version: '7.0',
  url: 'http://example.com/agent',
  md5hash: 'add6bb58e139be103324d04d82d8f545',
};

describe('agent builds', () => {
  it('are registered, listed, replaced and forgotten in the old API', async () => {
    const made = await nova.request('POST', '/v2/demo/os-agents', { ...admin, body: { agent: build } });
    expect([made.status, made.body]).toEqual([200, { agent: { ...build, agent_id: 1 } }]);
    const again = await nova.request('POST', '/v2/demo/os-agents', { ...admin, body: { agent: build } });
    expect([again.status, again.body.conflictingRequest.message]).toEqual([
      409,
      'Agent-build with hypervisor xen os linux architecture x86_64 exists.',
    ]);
    await nova.request('POST', '/v2/demo/os-agents', { ...admin, body: { agent: { ...build, hypervisor: 'kvm' } } });
    const list = await nova.request('GET', '/v2/demo/os-agents?hypervisor=kvm', admin);
    expect(list.body.agents).toEqual([{ ...build, hypervisor: 'kvm', agent_id: 2 }]);
    const para = { version: '8.0', url: 'http://example.com/new', md5hash: 'aa' };
    expect((await nova.request('PUT', '/v2/demo/os-agents/1', { ...admin, body: { para } })).body).toEqual({
      agent: { agent_id: '1', ...para },
    });
    expect((await nova.request('DELETE', '/v2/demo/os-agents/1', admin)).status).toBe(200);
    const gone = await nova.request('DELETE', '/v2/demo/os-agents/1', admin);
    expect([gone.status, gone.body.itemNotFound.message]).toEqual([404, 'No agent-build associated with id 1.']);
  });

  it('are refused when incomplete, and to who is no administrator', async () => {
    const { url: _url, ...less } = build;
    expect((await nova.request('POST', '/v2/demo/os-agents', { ...admin, body: { agent: less } })).status).toBe(400);
    expect((await nova.request('GET', '/v2/demo/os-agents')).status).toBe(403);
  });
});

describe("what today's API has no more", () => {
  it.each([
    ['GET', '/os-agents'],
    ['DELETE', '/os-agents/1'],
    ['GET', '/os-cells'],
    ['POST', '/os-cloudpipe'],
    ['GET', '/os-fping'],
    ['GET', '/os-fixed-ips/1.2.3.4'],
    ['GET', '/os-floating-ip-dns'],
    ['GET', '/os-floating-ips-bulk'],
    ['GET', '/os-security-group-default-rules'],
    ['POST', '/os-networks'],
    ['DELETE', '/os-tenant-networks/1'],
    ['GET', '/servers/x/os-virtual-interfaces'],
    ['GET', '/servers/x/consoles'],
  ])('%s %s', async (method, path) => {
    const answer = await nova.request(method, `/v2.1${path}`, method === 'POST' ? { body: { x: 1 } } : {});
    expect([answer.status, answer.body]).toEqual([
      410,
      {
        computeFault: {
          code: 410,
          message: 'This resource is no longer available. No forwarding address is given.',
        },
      },
    ]);
  });
});
