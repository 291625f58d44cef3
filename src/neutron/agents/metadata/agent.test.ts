import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpRequest } from '#common/api/transport.ts';
import { createMemoryBus } from '#common/bus/memory.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { pluginRpc } from '../../rpc.ts';
import { FakePlugin } from '../testing/fake-plugin.ts';
import { Scenario } from '../testing/scenario.ts';
import { createMetadataServer } from './agent.ts';

describe('the metadata agent', () => {
  let folder: string;
  let server: Server;
  let plugin: FakePlugin;
  let scenario: Scenario;
  let seen: HttpRequest[];
  let status: number;
  let now: number;
  const bus = createMemoryBus();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'metadata-'));
    plugin = new FakePlugin(bus);
    await plugin.start();
    scenario = new Scenario(plugin);
    scenario.addNetwork(false);
    seen = [];
    status = 200;
    now = 0;
    server = createMetadataServer({
      plugin: bus.client(pluginRpc),
      transport: {
        request: async (sent) => {
          seen.push(sent);
          if (status === 0) throw new Error('connection refused');
          const stream = Readable.from(['i-00000001']);
          const headers = { 'content-type': 'text/plain', connection: 'close', 'transfer-encoding': 'chunked' };
          return { status, headers, stream, text: async () => '', json: async <T>() => ({}) as T };
        },
      },
      log: silentLogger,
      novaUrl: 'http://controller:8775',
      secret: 'METADATA_SECRET',
      now: () => now,
    });
    await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    await plugin.stop();
    await rm(folder, { recursive: true });
  });

  const get = (headers: Record<string, string>, body = ''): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const options = {
        socketPath: join(folder, 'socket'),
        path: '/latest/meta-data/instance-id',
        headers,
        method: body ? 'POST' : 'GET',
      };
      const sent = request(options, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => resolve({ status: answer.statusCode!, body: text }));
      });
      sent.on('error', reject).end(body);
    });
  const from = (ip: string) => ({ 'X-Forwarded-For': ip, 'X-Neutron-Network-ID': scenario.networkId });

  it('signs the instance id with the shared secret', async () => {
    const { portId } = scenario.addGuestPort('192.168.27.11', []);
    expect(await get({ ...from('192.168.27.11'), 'X-Instance-ID': 'forged' })).toEqual({
      status: 200,
      body: 'i-00000001',
    });
    expect(seen[0]!.headers!['X-Instance-ID']).toBe(`instance-of-${portId}`);
    expect(seen[0]!.headers!['X-Instance-ID-Signature']).toMatch(/^[0-9a-f]{64}$/);
  });

  it('answers 404 for an address of nobody, and asks again for it', async () => {
    expect((await get(from('192.168.27.11'))).status).toBe(404);
    scenario.addGuestPort('192.168.27.11', []);
    expect((await get(from('192.168.27.11'))).status).toBe(200);
  });

  it('remembers an address for some seconds only', async () => {
    const { portId } = scenario.addGuestPort('192.168.27.11', []);
    await get(from('192.168.27.11'));
    scenario.removeGuestPort(portId);
    expect((await get(from('192.168.27.11'))).status).toBe(200);
    now += 5_000;
    expect((await get(from('192.168.27.11'))).status).toBe(404);
  });

  it('refuses what does not come from a proxy, and too much', async () => {
    scenario.addGuestPort('192.168.27.11', []);
    expect((await get({ 'X-Forwarded-For': '192.168.27.11' })).status).toBe(400);
    expect((await get(from('192.168.27.11'), 'x'.repeat(70_000))).status).toBe(413);
    expect(seen).toEqual([]);
  });

  it("passes Nova's status on, and says so when Nova is away", async () => {
    scenario.addGuestPort('192.168.27.11', []);
    status = 403;
    expect((await get(from('192.168.27.11'))).status).toBe(403);
    status = 0;
    expect((await get(from('192.168.27.11'))).status).toBe(500);
  });
});
