import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpHost, createHttpTransport, type LocalApps } from '#common/api/http.ts';
import { createMemoryBus } from '#common/bus/memory.ts';
import { systemClock } from '#common/clock.ts';
import { fromObject } from '#common/config/load.ts';
import type { DaemonEnv } from '#common/daemon.ts';
import { run } from '#common/host/run.ts';
import { randomIds } from '#common/ids.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { daemons } from './daemons.ts';
import { neutronDbManage } from './manage.ts';
import { migrations } from './migrations/index.ts';
import { pluginRpc } from './rpc.ts';

describe('the daemons of Neutron', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'igloo-neutron-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const environment = (more: Readonly<Record<string, string | number>> = {}) => {
    const local: LocalApps = new Map();
    const config = fromObject(
      {
        DEFAULT: {
          bind_host: '127.0.0.1',
          bind_port: 0,
          auth_strategy: 'noauth',
          policy_file: join(folder, 'policy.json'),
          ...more,
        },
        database: { connection: `sqlite:///${join(folder, 'neutron.sqlite')}` },
        ml2: { tenant_network_types: 'gre', mechanism_drivers: 'fake' },
        ml2_type_gre: { tunnel_id_ranges: '1:10' },
      },
      'test',
    );
    const env: DaemonEnv = {
      config,
      bus: createMemoryBus(),
      http: createHttpHost(local),
      transport: createHttpTransport(local),
      log: silentLogger,
      run,
      clock: systemClock,
      ids: randomIds,
      host: 'controller',
    };
    return { env, local };
  };

  it('have the names of the manual', async () => {
    for (const [name, load] of Object.entries(daemons)) expect((await load()).name).toBe(name);
  });

  it('starts neutron-server: API, agents, health; and again on the same database', async () => {
    for (const round of [1, 2]) {
      const { env, local } = environment();
      const server = await (await daemons['neutron-server']!()).start(env);
      const [address] = [...local.keys()];
      const call = async (method: string, path: string, body?: unknown) => {
        const answer = await env.transport.request({
          method,
          url: `http://${address}${path}`,
          headers: { 'content-type': 'application/json' },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        return { status: answer.status, text: await answer.text() };
      };
      const made = await call('POST', '/v2.0/networks', { network: { name: `n${round}`, tenant_id: 'p' } });
      expect(made.status).toBe(201);
      expect(JSON.parse(made.text)).toMatchObject({ network: { 'provider:segmentation_id': round } });
      await env.bus.client(pluginRpc).cast('reportState', {
        binary: 'neutron-dhcp-agent',
        agentType: 'DHCP agent',
        host: 'h',
        topic: 'dhcp_agent',
        configurations: {},
        startup: true,
      });
      expect((await env.bus.client(pluginRpc).call('dhcpNetworks', { host: 'h' })).networks).toEqual([]);
      expect(await call('GET', '/healthcheck')).toMatchObject({
        status: 200,
        text: expect.stringMatching(/database: reachable/),
      });
      expect((await server.health()).ok).toBe(true);
      await server.stop();
      await env.bus.close();
    }
  });

  it('says what is wrong with its options', async () => {
    const start = async (more: Readonly<Record<string, string>>) =>
      (await daemons['neutron-server']!()).start(environment(more).env);
    await expect(start({ core_plugin: 'linuxbridge' })).rejects.toThrow(/core_plugin/);
    await expect(start({ service_plugins: 'router,vpnaas' })).rejects.toThrow(/there is no service plug-in "vpnaas"/);
  });

  it('takes the long names of the manual', async () => {
    const { env } = environment({
      core_plugin: 'neutron.plugins.ml2.plugin.Ml2Plugin',
      service_plugins: 'neutron.services.l3_router.l3_router_plugin.L3RouterPlugin',
    });
    const server = await (await daemons['neutron-server']!()).start(env);
    await server.stop();
  });

  it('has its tables made by neutron-db-manage', async () => {
    const { env } = environment();
    const said: string[] = [];
    const manage = (...args: string[]) =>
      neutronDbManage(args, { config: env.config, log: silentLogger }, (line) => said.push(line));
    await manage('upgrade', 'head');
    await manage('upgrade', 'head');
    expect(said[0]).toBe('INFO  [alembic.migration] Running upgrade None -> 0001_initial');
    expect(said).toHaveLength(Object.keys(migrations).length);
    await expect(manage('downgrade', 'base')).rejects.toThrow(/It knows one command/);
  });
});
