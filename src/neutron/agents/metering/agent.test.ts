import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bus, RpcClient } from '#common/bus/bus.ts';
import type { Run } from '#common/host/run.ts';
import type { MeteredRouter, meteringRpc } from '../../rpc.ts';
import { MeteringAgent } from './agent.ts';
import { countsIn, meterRules } from './meter-rules.ts';
import { Readings } from './readings.ts';

const LABEL = 'c5df2fe5-c600-4a2a-b2f4-c0fb6df73c83';
const L_CHAIN = 'neutron-meter-l-c5df2fe5-c60';
const router: MeteredRouter = {
  id: '473ec392-1711-44e3-b008-3251ccfc5099',
  gatewayPortId: '6d411f48-ecc7-45e0-9ece-3b5bdb54fcee',
  labels: [
    {
      id: LABEL,
      projectId: 'demo',
      rules: [
        { direction: 'ingress', prefix: '10.0.0.0/24', excluded: false },
        { direction: 'egress', prefix: '10.0.0.0/24', excluded: false },
        { direction: 'ingress', prefix: '10.0.0.8/32', excluded: true },
        { direction: 'ingress', prefix: 'fd00::/64', excluded: false },
      ],
    },
  ],
};

describe('meterRules', () => {
  it('counts by direction, exclusions first, in a chain per label', () => {
    expect(meterRules(router, 4)).toEqual({
      filter: {
        chains: {
          'neutron-meter-FORWARD': ['-j neutron-meter-r-c5df2fe5-c60'],
          'neutron-meter-r-c5df2fe5-c60': [
            '-d 10.0.0.8/32 -i qg-6d411f48-ec -j RETURN',
            `-d 10.0.0.0/24 -i qg-6d411f48-ec -j ${L_CHAIN}`,
            `-s 10.0.0.0/24 -o qg-6d411f48-ec -j ${L_CHAIN}`,
          ],
          [L_CHAIN]: ['-j RETURN'],
        },
        jumps: { FORWARD: ['-j neutron-meter-FORWARD'] },
      },
    });
    expect(meterRules(router, 6).filter?.chains['neutron-meter-r-c5df2fe5-c60']).toEqual([
      `-d fd00::/64 -i qg-6d411f48-ec -j ${L_CHAIN}`,
    ]);
    const inner = meterRules({ ...router, gatewayPortId: null }, 4);
    expect(inner.filter?.chains['neutron-meter-r-c5df2fe5-c60']).toEqual([]);
  });

  it('reads counters of label chains only', () => {
    const saved = `*filter\n:INPUT ACCEPT [5:6]\n[7:8] -A INPUT -j x\n[12:3400] -A ${L_CHAIN} -j RETURN\nCOMMIT\n`;
    expect(countsIn(saved)).toEqual(new Map([[L_CHAIN, { pkts: 12, bytes: 3400 }]]));
  });
});

describe('the metering agent', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'igloo-meter-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A machine with one router, whose chains are what was restored last. */
  function machine() {
    const state = {
      routers: [router] as MeteredRouter[],
      count: { pkts: 0, bytes: 0 },
      netns: true,
      seconds: 1_000,
      chains: false,
      programs: [] as string[],
      reports: [] as Readonly<Record<string, unknown>>[],
    };
    const run: Run = async ([program = '', ...rest], options) => {
      state.programs.push(program);
      const answer = (stdout: string) => ({ status: 0, stdout, stderr: '' });
      if (program === 'ip') return answer(state.netns ? `qrouter-${router.id} (id: 0)\n` : '');
      if (program === 'iptables-restore') state.chains = !String(options?.input).includes(`-X ${L_CHAIN}`);
      if (program !== 'iptables-save' || !state.chains) return answer('');
      const { pkts, bytes } = state.count;
      const prefix = rest.includes('-c') ? `[${pkts}:${bytes}] ` : '';
      return answer(`*filter\n:${L_CHAIN} - [0:0]\n${prefix}-A ${L_CHAIN} -j RETURN\nCOMMIT\n`);
    };
    const plugin = { call: async () => ({ routers: state.routers }) } as unknown as RpcClient<
      (typeof meteringRpc)['methods']
    >;
    const bus = {
      notify: async (n: Parameters<Bus['notify']>[0]) => void state.reports.push({ type: n.eventType, ...n.payload }),
    };
    const start = async (): Promise<MeteringAgent> => {
      const readings = new Readings(join(folder, 'metering', 'readings.json'));
      await readings.load();
      const clock = { now: () => new Date(state.seconds * 1000) };
      return new MeteringAgent({ host: 'net1', run, plugin, bus, clock, readings, reportInterval: 300 });
    };
    return { state, start };
  }

  it('runs no program when nothing is to be counted', async () => {
    const { state, start } = machine();
    state.routers = [];
    await (await start()).round();
    expect(state.programs).toEqual([]);
  });

  it('reports what was counted, and again only what came since', async () => {
    const { state, start } = machine();
    const agent = await start();
    await agent.round();
    state.count = { pkts: 3, bytes: 300 };
    state.seconds += 30;
    await agent.round();
    expect(state.reports).toEqual([]);
    state.count = { pkts: 5, bytes: 500 };
    state.seconds += 300;
    await agent.round();
    expect(state.reports).toEqual([
      {
        type: 'l3.meter',
        label_id: LABEL,
        tenant_id: 'demo',
        pkts: 5,
        bytes: 500,
        time: 300,
        first_update: 1_030,
        last_update: 1_330,
        host: 'net1',
      },
    ]);
    state.count = { pkts: 6, bytes: 560 };
    state.seconds += 300;
    await agent.round();
    expect(state.reports[1]).toMatchObject({ pkts: 1, bytes: 60, time: 300 });
  });

  it('reports after its death what it had counted before, and begins anew with a new namespace', async () => {
    const { state, start } = machine();
    const first = await start();
    await first.round();
    state.count = { pkts: 4, bytes: 400 };
    await first.round(); // and dies
    const second = await start();
    state.seconds += 300;
    await second.round();
    expect(state.reports.map(({ pkts }) => pkts)).toEqual([4]);
    state.netns = false;
    state.chains = false;
    await second.round();
    state.netns = true;
    await second.round();
    state.count = { pkts: 2, bytes: 200 };
    state.seconds += 300;
    await second.round();
    expect(state.reports.map(({ pkts }) => pkts)).toEqual([4, 2]);
  });

  it('takes its chains away with the last label, that of a predecessor too, and loses no count', async () => {
    const { state, start } = machine();
    await (await start()).round();
    expect(state.chains).toBe(true);
    const agent = await start();
    await agent.round();
    state.count = { pkts: 9, bytes: 900 };
    state.routers = [];
    state.seconds += 300;
    await agent.round();
    expect(state.chains).toBe(false);
    expect(state.reports).toMatchObject([{ label_id: LABEL, pkts: 9 }]);
    state.programs.length = 0;
    await agent.round();
    expect(state.programs).toEqual([]);
  });
});
