import { request } from '../client.ts';
import type { Agent } from './networks.ts';

/** What agents host: networks by DHCP agents, routers by L3 agents. Administrators only. */
export interface Hosting {
  /** For query keys: the kind of thing that is hosted. */
  readonly kind: 'network' | 'router';
  readonly agentType: string;
  agentsOf(id: string, signal: AbortSignal): Promise<readonly Agent[]>;
  /** Ids of what an agent hosts. */
  hostedBy(agent: string, signal: AbortSignal): Promise<readonly string[]>;
  /** @throws ApiFault 409 when it is hosted already */
  add(agent: string, id: string): Promise<void>;
  remove(agent: string, id: string): Promise<void>;
}

const hosting = (kind: Hosting['kind'], agentType: string, agentsPath: string, thingsPath: string): Hosting => ({
  kind,
  agentType,
  agentsOf: async (id, signal) =>
    (await request<{ agents: Agent[] }>('network', `/${kind}s/${id}/${agentsPath}`, { signal })).agents,
  hostedBy: async (agent, signal) =>
    (
      (
        await request<Record<string, { readonly id: string }[]>>('network', `/agents/${agent}/${thingsPath}`, {
          signal,
        })
      )[`${kind}s`] ?? []
    ).map(({ id }) => id),
  add: (agent, id) =>
    request('network', `/agents/${agent}/${thingsPath}`, { method: 'POST', body: { [`${kind}_id`]: id } }),
  remove: (agent, id) => request('network', `/agents/${agent}/${thingsPath}/${id}`, { method: 'DELETE' }),
});

export const dhcpHosting = hosting('network', 'DHCP agent', 'dhcp-agents', 'dhcp-networks');
export const l3Hosting = hosting('router', 'L3 agent', 'l3-agents', 'l3-routers');
