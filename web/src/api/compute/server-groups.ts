import { request } from '../client.ts';
import type { Resource } from '../resource.ts';

export interface ServerGroup {
  readonly id: string;
  readonly name: string;
  readonly policy: string;
  readonly rules: Readonly<Record<string, unknown>>;
  readonly members: readonly string[];
  readonly project_id: string;
}

export const serverGroups: Resource<ServerGroup> = {
  kind: 'server_group',
  service: 'compute',
  list: async ({ all }, signal) =>
    (
      await request<{ server_groups: ServerGroup[] }>(
        'compute',
        `/os-server-groups${all ? '?all_projects=True' : ''}`,
        {
          signal,
        },
      )
    ).server_groups,
  get: async (id, signal) =>
    (await request<{ server_group: ServerGroup }>('compute', `/os-server-groups/${id}`, { signal })).server_group,
  projectOf: ({ project_id }) => project_id,
};

export const groupPolicies = ['anti-affinity', 'affinity', 'soft-anti-affinity', 'soft-affinity'] as const;
export type GroupPolicy = (typeof groupPolicies)[number];

/** @param maxPerHost how many members one host may have; only with `anti-affinity` */
export async function createServerGroup(
  name: string,
  policy: GroupPolicy,
  maxPerHost: number | null = null,
): Promise<ServerGroup> {
  const body = await request<{ server_group: ServerGroup }>('compute', '/os-server-groups', {
    method: 'POST',
    body: newServerGroup(name, policy, maxPerHost),
  });
  return body.server_group;
}

export const newServerGroup = (name: string, policy: GroupPolicy, maxPerHost: number | null) => ({
  server_group: { name, policy, ...(maxPerHost !== null && { rules: { max_server_per_host: maxPerHost } }) },
});

/** The members go on as they are. */
export const deleteServerGroup = (id: string): Promise<void> =>
  request('compute', `/os-server-groups/${id}`, { method: 'DELETE' });
