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
