import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryBus } from '#common/bus/memory.ts';
import type { OvsBridges } from '#common/host/ovs-bridges.ts';
import type { Run } from '#common/host/run.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { loadBalancerRpc, type LoadBalancerSpec, type PoolState } from '../../rpc.ts';
import { LoadBalancerAgent } from './agent.ts';

const pool = (id: string, served: boolean): LoadBalancerSpec => ({
  ...{ id, generation: 3, protocol: 'TCP', method: 'SOURCE_IP', adminStateUp: served, members: [], monitors: [] },
  vip: {
    ...{ id: 'vip', protocolPort: 80, connectionLimit: -1, adminStateUp: true, persistence: null },
    port: {
      id: '11111111-1111-4111-8111-111111111111',
      mac: 'fa:16:3e:00:00:01',
      mtu: 1500,
      fixedIps: [],
      subnets: [],
    },
  },
});

describe('the load balancing agent', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lbaas-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Over recorded commands, of which those that contain `broken` fail. */
  const agentOver = async (pools: readonly LoadBalancerSpec[], broken: string) => {
    const bus = createMemoryBus();
    const states: PoolState[] = [];
    const commands: string[] = [];
    await bus.serve(loadBalancerRpc, 'server', {
      pools: () => ({ pools }),
      poolStates: ({ pools: said }) => void states.push(...said),
      poolStats: () => undefined,
    });
    const run: Run = (argv) => {
      commands.push(argv.join(' '));
      return broken !== '' && argv.join(' ').includes(broken)
        ? Promise.reject(new Error('Operation not permitted'))
        : Promise.resolve({ status: 0, stdout: '', stderr: '' });
    };
    const bridges = { ports: () => [], deletePorts: () => Promise.resolve() } as unknown as OvsBridges;
    const agent = new LoadBalancerAgent({
      ...{ host: 'h', run, folder, group: 'nogroup', integrationBridge: 'br-int', log: silentLogger },
      ovs: { bridges, runDir: folder, datapathType: 'netdev' },
      plugin: bus.client(loadBalancerRpc),
    });
    return { agent, states, commands };
  };

  it('does nothing for a pool that is not to be balanced, and says that it is as wanted', async () => {
    const { agent, states, commands } = await agentOver([pool('quiet', false)], '');
    await agent.all();
    await expect.poll(() => states).toEqual([{ poolId: 'quiet', generation: 3, status: 'ACTIVE' }]);
    expect([commands, agent.instances]).toEqual([[], 0]);
    await agent.close();
  });

  it('says why a pool cannot be balanced, is asked for that one again, and removes what it began', async () => {
    const { agent, states } = await agentOver([pool('broken', true), pool('quiet', false)], 'netns add');
    await expect(agent.all()).rejects.toMatchObject({ name: 'PartialFailure', keys: ['broken'] });
    await expect
      .poll(() => states)
      .toEqual([
        { poolId: 'broken', generation: 3, status: 'ERROR', reason: 'Operation not permitted' },
        { poolId: 'quiet', generation: 3, status: 'ACTIVE' },
      ]);
    await agent.close();
    // The next one finds the mark of what was begun, though nobody names the pool any more.
    const next = await agentOver([], '');
    await next.agent.all();
    expect(next.commands).toContain('ip netns list');
    const third = await agentOver([], '');
    await third.agent.all();
    expect(third.commands).toEqual([]);
    for (const one of [next, third]) await one.agent.close();
  });
});
