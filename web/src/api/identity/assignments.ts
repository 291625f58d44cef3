import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { request } from '../client.ts';
import { useLive } from '../live-state.ts';
import { identityUrl, type IdentityCall } from './writes.ts';

interface Reference {
  readonly id: string;
  readonly name?: string;
  readonly domain?: { readonly id: string; readonly name: string | null };
}
/** As `GET /role_assignments?include_names=true` tells it. */
export interface AssignmentRow {
  readonly role: Reference;
  readonly user?: Reference;
  readonly group?: Reference;
  readonly scope: {
    readonly project?: Reference;
    readonly domain?: Reference;
    readonly system?: { readonly all: boolean };
    readonly 'OS-INHERIT:inherited_to'?: string;
  };
}

export interface Party {
  readonly kind: 'user' | 'group';
  readonly id: string;
}
export interface Place {
  readonly kind: 'project' | 'domain' | 'system';
  /** `all` for the system. */
  readonly id: string;
}
interface Called {
  /** Null when Keystone knows it no more. */
  readonly name: string | null;
  readonly domain: string | null;
}

/** Who has which role where. */
export interface Assignment {
  readonly id: string;
  readonly actor: Party & Called;
  readonly target: Place & Called;
  readonly role: { readonly id: string; readonly name: string };
  /** Holds in the projects below, not in the place itself. */
  readonly inherited: boolean;
}

export interface Grant {
  readonly actor: Party;
  readonly target: Place;
  readonly role: string;
  readonly inherited?: boolean;
}

/** The grant's address, by which it is made and taken back. */
export function grantPath({ actor, target, role, inherited = false }: Grant): string {
  const where = target.kind === 'system' ? '/system' : `/${target.kind}s/${target.id}`;
  const path = `${where}/${actor.kind}s/${actor.id}/roles/${role}`;
  return inherited ? `/OS-INHERIT${path}/inherited_to_projects` : path;
}

export function assignmentOf({ role, user, group, scope }: AssignmentRow): Assignment {
  const called = (one: Reference | undefined): Called => ({
    name: one?.name ?? null,
    domain: one?.domain?.name ?? null,
  });
  const actor = user
    ? { kind: 'user' as const, id: user.id, ...called(user) }
    : { kind: 'group' as const, id: group?.id ?? '', ...called(group) };
  const target = scope.project
    ? { kind: 'project' as const, id: scope.project.id, ...called(scope.project) }
    : scope.domain
      ? { kind: 'domain' as const, id: scope.domain.id, ...called(scope.domain) }
      : { kind: 'system' as const, id: 'all', name: null, domain: null };
  const inherited = scope['OS-INHERIT:inherited_to'] !== undefined;
  return {
    id: grantPath({ actor, target, role: role.id, inherited }),
    actor,
    target,
    role: { id: role.id, name: role.name ?? role.id.slice(0, 8) },
    inherited,
  };
}

/** Which assignments: all, or those in a place, of a party, of a role. */
export interface AssignmentFilter {
  readonly project?: string;
  readonly domain?: string;
  readonly user?: string;
  readonly group?: string;
  readonly role?: string;
}

export async function assignments(filter: AssignmentFilter, signal?: AbortSignal): Promise<readonly Assignment[]> {
  const query = new URLSearchParams({
    include_names: 'true',
    ...(filter.project !== undefined && { 'scope.project.id': filter.project }),
    ...(filter.domain !== undefined && { 'scope.domain.id': filter.domain }),
    ...(filter.user !== undefined && { 'user.id': filter.user }),
    ...(filter.group !== undefined && { 'group.id': filter.group }),
    ...(filter.role !== undefined && { 'role.id': filter.role }),
  });
  const { role_assignments: rows } = await request<{ role_assignments: AssignmentRow[] }>(
    'identity',
    `/role_assignments?${query}`,
    { signal },
  );
  return rows.map(assignmentOf);
}

/** Live: an event of any assignment reads them again. */
export function useAssignments(filter: AssignmentFilter = {}): UseQueryResult<readonly Assignment[]> {
  const live = useLive();
  return useQuery({
    queryKey: ['role_assignment', 'list', filter],
    queryFn: ({ signal }) => assignments(filter, signal),
    refetchInterval: live ? 60_000 : 8000,
  });
}

/** @throws ApiFault */
export const grant = (one: Grant): Promise<void> => request('identity', grantPath(one), { method: 'PUT' });
export const revoke = (one: Grant): Promise<void> => request('identity', grantPath(one), { method: 'DELETE' });

export const grantCall = (one: Grant): IdentityCall => ({ method: 'PUT', url: identityUrl(grantPath(one)) });
export const revokeCall = (one: Grant): IdentityCall => ({ method: 'DELETE', url: identityUrl(grantPath(one)) });
