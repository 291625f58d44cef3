import { request } from '../client.ts';
import { sessionNow } from '../session.ts';
import type { Domain, Group, Project, Role, User } from './identity.ts';

/** One call to Keystone, as forms show it before they make it. */
export interface IdentityCall {
  readonly method: 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly body?: unknown;
}

/** How things of one kind are made, changed and deleted. All throw ApiFault. */
export interface IdentityWrites<T, New, Change> {
  create(item: New): Promise<T>;
  update(id: string, change: Change): Promise<T>;
  remove(id: string): Promise<void>;
  createCall(item: New): IdentityCall;
  updateCall(id: string, change: Change): IdentityCall;
  removeCall(id: string): IdentityCall;
}

/** Where the cloud's Identity API is, for the calls that forms show. */
export const identityUrl = (path: string): string => {
  const session = sessionNow();
  return `${(session?.signedIn ? session.services.identity?.url : undefined) ?? ''}${path}`;
};

function writes<T, New, Change>(singular: string, plural: string): IdentityWrites<T, New, Change> {
  const path = (id?: string): string => (id === undefined ? `/${plural}` : `/${plural}/${id}`);
  const send = async (method: 'POST' | 'PATCH', to: string, item: unknown): Promise<T> =>
    (await request<Record<string, T>>('identity', to, { method, body: { [singular]: item } }))[singular] as T;
  return {
    create: (item) => send('POST', path(), item),
    update: (id, change) => send('PATCH', path(id), change),
    remove: (id) => request('identity', path(id), { method: 'DELETE' }),
    createCall: (item) => ({ method: 'POST', url: identityUrl(path()), body: { [singular]: item } }),
    updateCall: (id, change) => ({ method: 'PATCH', url: identityUrl(path(id)), body: { [singular]: change } }),
    removeCall: (id) => ({ method: 'DELETE', url: identityUrl(path(id)) }),
  };
}

export interface ProjectChange {
  readonly name?: string;
  readonly description?: string;
  readonly enabled?: boolean;
}
export interface NewProject extends ProjectChange {
  readonly name: string;
  readonly domain_id?: string;
  /** A project, or the domain itself. */
  readonly parent_id?: string;
}
export interface UserChange {
  readonly name?: string;
  readonly description?: string;
  readonly email?: string;
  readonly enabled?: boolean;
  readonly default_project_id?: string | null;
  /** A new one ends the user's tokens. */
  readonly password?: string;
}
export interface NewUser extends UserChange {
  readonly name: string;
  readonly domain_id?: string;
}
export interface GroupChange {
  readonly name?: string;
  readonly description?: string;
}
export interface NewGroup extends GroupChange {
  readonly name: string;
  readonly domain_id?: string;
}
export interface RoleChange {
  readonly name?: string;
  readonly description?: string;
}
export interface NewRole extends RoleChange {
  readonly name: string;
}
export interface DomainChange {
  readonly name?: string;
  readonly description?: string;
  readonly enabled?: boolean;
}
export interface NewDomain extends DomainChange {
  readonly name: string;
}

export const projectWrites = writes<Project, NewProject, ProjectChange>('project', 'projects');
export const userWrites = writes<User, NewUser, UserChange>('user', 'users');
export const groupWrites = writes<Group, NewGroup, GroupChange>('group', 'groups');
export const roleWrites = writes<Role, NewRole, RoleChange>('role', 'roles');
/** A domain is deleted with all its projects, users and groups, after it was disabled. */
export const domainWrites = writes<Domain, NewDomain, DomainChange>('domain', 'domains');
