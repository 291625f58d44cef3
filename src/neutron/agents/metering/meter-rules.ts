import type { RuleSet } from '#common/host/iptables.ts';
import type { MeteredRouter } from '../../rpc.ts';
import { deviceName } from '../names.ts';

const WRAP = 'neutron-meter';
const TOP = `${WRAP}-FORWARD`;
const LABEL = `${WRAP}-l-`;

/** Whether a chain in a router's namespace is this agent's. */
export const ownsMeterChain = (chain: string): boolean => chain.startsWith(`${WRAP}-`);

/** A chain's name may have 28 characters. */
const chainName = (prefix: string, labelId: string): string => `${prefix}${labelId}`.slice(0, 28);

/** The chain whose only rule counts what the label is about. */
export const labelChain = (labelId: string): string => chainName(LABEL, labelId);

/**
 * Counts what passes a router's gateway, by label. A prefix is on the tenant's side: it is met after the addresses of what
 * comes in were translated, and before those of what goes out are.
 */
export function meterRules({ gatewayPortId, labels }: MeteredRouter, family: 4 | 6): RuleSet {
  const outer = gatewayPortId === null ? null : deviceName('qg-', gatewayPortId);
  const chains: Record<string, readonly string[]> = {};
  for (const { id, rules } of labels) {
    const counted = outer === null ? [] : rules.filter(({ prefix }) => prefix.includes(':') === (family === 6));
    // What is excluded leaves before anything counts it.
    const ordered = [...counted.filter(({ excluded }) => excluded), ...counted.filter(({ excluded }) => !excluded)];
    chains[chainName(`${WRAP}-r-`, id)] = ordered.map(
      ({ direction, prefix, excluded }) =>
        `${direction === 'ingress' ? `-d ${prefix} -i ${outer}` : `-s ${prefix} -o ${outer}`} -j ${excluded ? 'RETURN' : labelChain(id)}`,
    );
    chains[labelChain(id)] = ['-j RETURN'];
  }
  chains[TOP] = labels.map(({ id }) => `-j ${chainName(`${WRAP}-r-`, id)}`);
  return { filter: { chains, jumps: { FORWARD: [`-j ${TOP}`] } } };
}

/** Packets and bytes. */
export interface Count {
  readonly pkts: number;
  readonly bytes: number;
}

/** What the chains of labels have counted, by chain. @param saved what `iptables-save -c` printed */
export function countsIn(saved: string): ReadonlyMap<string, Count> {
  const counts = new Map<string, Count>();
  for (const [, pkts, bytes, chain = ''] of saved.matchAll(/^\[(\d+):(\d+)\] -A (\S+)/gm))
    if (chain.startsWith(LABEL)) counts.set(chain, { pkts: Number(pkts), bytes: Number(bytes) });
  return counts;
}
