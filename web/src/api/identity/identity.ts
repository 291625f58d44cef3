import { request } from '../client.ts';
import type { Resource } from '../resource.ts';

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly domain_id: string;
  readonly parent_id: string | null;
  readonly is_domain: boolean;
  readonly tags: readonly string[];
}
export interface User {
  readonly id: string;
  readonly name: string;
  readonly email?: string | null;
  readonly description?: string | null;
  readonly enabled: boolean;
  readonly domain_id: string;
  readonly default_project_id?: string | null;
  readonly password_expires_at?: string | null;
}
export interface Group {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly domain_id: string;
}
export interface Role {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly domain_id: string | null;
}
export interface Domain {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
}

function keystone<T extends { readonly id: string }>(kind: string, singular: string, plural: string): Resource<T> {
  return {
    kind,
    service: 'identity',
    list: async (_reach, signal) =>
      (await request<Record<string, T[]>>('identity', `/${plural}`, { signal }))[plural] ?? [],
    get: async (id, signal) =>
      (await request<Record<string, T>>('identity', `/${plural}/${id}`, { signal }))[singular] as T,
  };
}

export const projects = keystone<Project>('project', 'project', 'projects');
export const users = keystone<User>('user', 'user', 'users');
export const groups = keystone<Group>('group', 'group', 'groups');
export const roles = keystone<Role>('role', 'role', 'roles');
export const domains = keystone<Domain>('domain', 'domain', 'domains');
