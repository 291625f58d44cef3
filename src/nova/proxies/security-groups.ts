import { Type } from '@sinclair/typebox';
import { ApiError, badRequest, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { SecurityGroup, SecurityGroupRule } from '#clients/network.ts';
import { AnyQuery, IdParams, nullable, strict, wrapped } from '../api/schemas.ts';
import { OverQuota } from '../quotas/quotas.ts';
import { flagOf, limitOf, type ListQuery } from '../servers/filters.ts';
import { findServer } from '../servers/rows.ts';
import { proxied, type ProxyDeps } from './deps.ts';

const route = routesFor<ProxyDeps>();

/** A rule in the words of nova-network: only what comes in, no family, ICMP with -1 for any. */
function showRule(rule: SecurityGroupRule, groups: ReadonlyMap<string, SecurityGroup>) {
  const icmp = rule.protocol === 'icmp' || rule.protocol === 'icmpv6' || rule.protocol === 'ipv6-icmp';
  const any = rule.port_range_min === null && rule.port_range_max === null;
  const ports =
    any && rule.protocol !== null ? (icmp ? [-1, -1] : [1, 65_535]) : [rule.port_range_min, rule.port_range_max];
  const remote = rule.remote_group_id === null ? null : groups.get(rule.remote_group_id);
  const everywhere = rule.ethertype === 'IPv6' ? '::/0' : '0.0.0.0/0';
  return {
    id: rule.id,
    parent_group_id: rule.security_group_id,
    ip_protocol: rule.protocol,
    from_port: ports[0],
    to_port: ports[1],
    group: rule.remote_group_id === null || !remote ? {} : { name: remote.name, tenant_id: remote.tenant_id },
    ip_range: rule.remote_group_id === null ? { cidr: rule.remote_ip_prefix ?? everywhere } : {},
  };
}

/** Groups with the names of those that their rules refer to. */
export function showGroups(shown: readonly SecurityGroup[], known: readonly SecurityGroup[]) {
  const byId = new Map(known.map((group) => [group.id, group]));
  return shown.map((group) => ({
    id: group.id,
    name: group.name,
    description: group.description,
    tenant_id: group.tenant_id,
    rules: group.security_group_rules
      .filter((rule) => rule.direction === 'ingress')
      .map((rule) => showRule(rule, byId)),
  }));
}

/** Neutron's refusals in Nova's words. */
const asNova =
  (id: string, api: string) =>
  (error: unknown): never => {
    if (!(error instanceof ApiError)) throw error;
    if (error.type === 'OverQuota') throw new OverQuota(error.message, api);
    if (error.status === 404) throw notFound(`Security group ${id} not found.`);
    if (error.status === 409) throw badRequest(error.message);
    throw error;
  };

const Text = Type.String({ maxLength: 255, pattern: '^[^\\x00-\\x1f\\x7f]*$' });
const GroupBody = wrapped(
  'security_group',
  strict({
    name: Type.String({ minLength: 1, maxLength: 255, pattern: '^(?!\\s*$)' }),
    description: Type.Optional(Text),
  }),
);

const groupRoutes = [
  route({
    id: 'security_groups.list',
    summary: 'List security groups (Neutron)',
    method: 'GET',
    path: '/os-security-groups',
    versions: proxied,
    policy: 'os_compute_api:os-security-groups:get',
    status: 200,
    query: AnyQuery,
    handle: async (deps, { ctx, query }) => {
      const all = flagOf('all_tenants', query['all_tenants']) && ctx.isAdmin;
      const groups = await deps.networkAs(ctx).securityGroups.list(all ? {} : { tenant_id: ctx.projectId ?? '' });
      const sorted = [...groups].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
      const offset = limitOf((query as ListQuery)['offset'] ?? '0', Number.MAX_SAFE_INTEGER);
      const limit = limitOf((query as ListQuery)['limit'], deps.maxLimit);
      return { security_groups: showGroups(sorted.slice(offset, offset + limit), groups) };
    },
  }),
  route({
    id: 'security_groups.create',
    summary: 'Make a security group (Neutron)',
    method: 'POST',
    path: '/os-security-groups',
    versions: proxied,
    policy: 'os_compute_api:os-security-groups:create',
    status: 200,
    body: GroupBody,
    handle: async (deps, { ctx, body: { security_group: asked }, api }) => {
      const made = await deps
        .networkAs(ctx)
        .securityGroups.create({ name: asked.name, description: asked.description ?? '' })
        .catch(asNova(asked.name, api));
      return { security_group: showGroups([made], [made])[0] };
    },
  }),
  route({
    id: 'security_groups.show',
    summary: 'Show a security group (Neutron)',
    method: 'GET',
    path: '/os-security-groups/:id',
    versions: proxied,
    policy: 'os_compute_api:os-security-groups:show',
    status: 200,
    params: IdParams,
    handle: async (deps, { ctx, params, api }) => {
      const network = deps.networkAs(ctx);
      const group = await network.securityGroups.show(params.id).catch(asNova(params.id, api));
      const known = await network.securityGroups.list({ tenant_id: group.tenant_id });
      return { security_group: showGroups([group], known)[0] };
    },
  }),
  route({
    id: 'security_groups.update',
    summary: 'Rename a security group (Neutron)',
    method: 'PUT',
    path: '/os-security-groups/:id',
    versions: proxied,
    policy: 'os_compute_api:os-security-groups:update',
    status: 200,
    params: IdParams,
    body: GroupBody,
    handle: async (deps, { ctx, params, body: { security_group: asked }, api }) => {
      const changed = await deps
        .networkAs(ctx)
        .securityGroups.update(params.id, { name: asked.name, description: asked.description ?? '' })
        .catch(asNova(params.id, api));
      return { security_group: showGroups([changed], [changed])[0] };
    },
  }),
  route({
    id: 'security_groups.delete',
    summary: 'Delete a security group (Neutron)',
    method: 'DELETE',
    path: '/os-security-groups/:id',
    versions: proxied,
    policy: 'os_compute_api:os-security-groups:delete',
    status: 202,
    params: IdParams,
    handle: async (deps, { ctx, params, api }) => {
      await deps.networkAs(ctx).securityGroups.delete(params.id).catch(asNova(params.id, api));
      return undefined;
    },
  }),
];

const PortNumber = nullable(
  Type.Union([Type.Integer({ minimum: -1, maximum: 65_535 }), Type.String({ pattern: '^-?[0-9]*$' })]),
);
const NewRule = strict({
  parent_group_id: Type.Union([Type.String(), Type.Integer()]),
  ip_protocol: Type.Optional(nullable(Type.String())),
  from_port: Type.Optional(PortNumber),
  to_port: Type.Optional(PortNumber),
  cidr: Type.Optional(nullable(Type.String())),
  group_id: Type.Optional(nullable(Type.String())),
});

/** @throws ApiError 400 for what no rule can be */
function toNeutron(rule: {
  readonly ip_protocol?: string | null;
  readonly from_port?: number | string | null;
  readonly to_port?: number | string | null;
  readonly cidr?: string | null;
  readonly group_id?: string | null;
}) {
  const number = (value: number | string | null | undefined): number | null =>
    value === undefined || value === null || value === '' ? null : Number(value);
  const protocol = rule.ip_protocol?.toLowerCase() || null;
  const [from, to] = [number(rule.from_port), number(rule.to_port)];
  if (protocol !== null && !['tcp', 'udp', 'icmp', 'icmpv6'].includes(protocol) && !/^\d+$/.test(protocol))
    throw badRequest(`Invalid IP protocol ${rule.ip_protocol}.`);
  if (protocol === 'tcp' || protocol === 'udp') {
    if (from === null || to === null || from > to || from < 1)
      throw badRequest(
        `Invalid port range ${from}:${to}. Valid TCP/UDP ports should be between 1-65535 and the first no larger than the second.`,
      );
  } else if (protocol !== null && ((from ?? -1) > 255 || (to ?? -1) > 255))
    throw badRequest(`Invalid port range ${from}:${to}. Icmp type and code are 255 at most.`);
  const cidr = rule.group_id ? null : (rule.cidr ?? '0.0.0.0/0');
  if (cidr !== null && !/^[0-9a-fA-F.:]+(\/\d{1,3})?$/.test(cidr)) throw badRequest(`Invalid cidr ${cidr}.`);
  const plain = (value: number | null): number | null => (value === -1 ? null : value);
  return {
    direction: 'ingress',
    protocol,
    port_range_min: plain(from),
    port_range_max: plain(to),
    ethertype: cidr?.includes(':') ? 'IPv6' : 'IPv4',
    remote_ip_prefix: cidr,
    remote_group_id: rule.group_id || null,
  };
}

const ruleRoutes = [
  route({
    id: 'security_group_rules.create',
    summary: 'Add a rule to a security group (Neutron)',
    method: 'POST',
    path: '/os-security-group-rules',
    versions: proxied,
    policy: 'os_compute_api:os-security-groups:rule:create',
    status: 200,
    body: wrapped('security_group_rule', NewRule),
    handle: async (deps, { ctx, body: { security_group_rule: asked }, api }) => {
      const parent = String(asked.parent_group_id);
      const network = deps.networkAs(ctx);
      const made = await network.securityGroupRules
        .create({ security_group_id: parent, ...toNeutron(asked) })
        .catch((error: unknown) => {
          if (error instanceof ApiError && error.status === 409 && error.type !== 'OverQuota')
            throw badRequest(`This rule already exists in group ${parent}`);
          return asNova(parent, api)(error);
        });
      const known =
        made.remote_group_id === null ? [] : await network.securityGroups.list({ id: made.remote_group_id });
      return { security_group_rule: showRule(made, new Map(known.map((group) => [group.id, group]))) };
    },
  }),
  route({
    id: 'security_group_rules.delete',
    summary: 'Remove a rule of a security group (Neutron)',
    method: 'DELETE',
    path: '/os-security-group-rules/:id',
    versions: proxied,
    policy: 'os_compute_api:os-security-groups:rule:delete',
    status: 202,
    params: IdParams,
    handle: async (deps, { ctx, params }) => {
      await deps
        .networkAs(ctx)
        .securityGroupRules.delete(params.id)
        .catch((error: unknown) => {
          if (error instanceof ApiError && error.status === 404)
            throw notFound(`Security group rule ${params.id} not found.`);
          throw error;
        });
      return undefined;
    },
  }),
  route({
    id: 'servers.security_groups',
    summary: "List a server's security groups (Neutron)",
    method: 'GET',
    path: '/servers/:id/os-security-groups',
    policy: 'os_compute_api:os-security-groups:list',
    status: 200,
    params: IdParams,
    handle: async (deps, { ctx, params: { id } }) => {
      const server = await findServer(deps.db.query, id);
      if (!server || server.deleted || (!ctx.isAdmin && server.projectId !== ctx.projectId))
        throw notFound(`Instance ${id} could not be found.`);
      const network = deps.networkAs(ctx);
      const used = new Set((await network.ports.list({ device_id: id })).flatMap((port) => port.security_groups));
      if (used.size === 0) return { security_groups: [] };
      const known = await network.securityGroups.list({ tenant_id: server.projectId });
      return {
        security_groups: showGroups(
          known.filter((group) => used.has(group.id)),
          known,
        ),
      };
    },
  }),
];

export const securityGroupRoutes = [...groupRoutes, ...ruleRoutes];
