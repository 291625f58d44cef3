import { join } from 'node:path';
import { output, type Run } from './run.ts';

export interface FlowChanges {
  readonly remove?: readonly string[];
  readonly removeStrict?: readonly string[];
  readonly add?: readonly string[];
}

/** Flow tables of the bridges of one Open vSwitch. Every change is one process and one bundle: all of it or nothing. */
export interface OpenFlow {
  /**
   * The bridge has exactly these flows (in ovs-ofctl's notation: `table=0,priority=1,in_port=3,actions=resubmit(,1)`).
   * Flows that are there already keep running untouched; others, learned ones too, go.
   */
  replace(bridge: string, flows: readonly string[]): Promise<void>;
  /**
   * Takes flows away, then adds some. `remove` matches loosely (`table=21,dl_vlan=3`), `removeStrict` exactly, with
   * its priority.
   */
  change(bridge: string, changes: FlowChanges): Promise<void>;
  /** The flows without their counters, one per line of ovs-ofctl. */
  dump(bridge: string, match?: string): Promise<string[]>;
}

/** @param runDir where ovs-vswitchd keeps its `<bridge>.mgmt` sockets: `/run/openvswitch` */
export function createOpenFlow(run: Run, runDir: string): OpenFlow {
  const target = (bridge: string): string => `unix:${join(runDir, `${bridge}.mgmt`)}`;
  const send = async (command: string, bridge: string, lines: readonly string[]): Promise<void> => {
    await run(['ovs-ofctl', '--bundle', command, target(bridge), '-'], { input: `${lines.join('\n')}\n` });
  };
  return {
    replace: (bridge, flows) => send('replace-flows', bridge, flows),
    change: async (bridge, { remove = [], removeStrict = [], add = [] }) => {
      const lines = [
        ...remove.map((match) => `delete ${match}`),
        ...removeStrict.map((match) => `delete_strict ${match}`),
        ...add.map((flow) => `add ${flow}`),
      ];
      if (lines.length > 0) await send('add-flows', bridge, lines);
    },
    dump: async (bridge, match) => {
      const text = await output(run, [
        'ovs-ofctl',
        '--no-stats',
        '--no-names',
        'dump-flows',
        target(bridge),
        ...(match ? [match] : []),
      ]);
      return text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
    },
  };
}
