import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import { extraOf } from '../api/extra.ts';
import { collection, flagOf } from '../api/lists.ts';
import type { Identity } from '../identity.ts';
import { CreateDomain, DomainAnswer, DomainQuery, DomainsAnswer, known, UpdateDomain } from './schema.ts';
import { domainView } from './view.ts';

const route = routesFor<Identity>();
const params = Type.Object({ domain_id: Type.String() });

export const domainRoutes = [
  route({
    id: 'domains.list',
    summary: 'List domains',
    method: 'GET',
    path: '/domains',
    policy: 'identity:list_domains',
    status: 200,
    query: DomainQuery,
    response: DomainsAnswer,
    handle: async ({ domains }, call) => {
      const found = await domains.list({ name: call.query.name, enabled: flagOf(call.query.enabled) }, call.query);
      return collection(
        call,
        'domains',
        found.map((domain) => domainView(domain, call.host)),
      );
    },
  }),
  route({
    id: 'domains.create',
    summary: 'Create a domain',
    method: 'POST',
    path: '/domains',
    policy: 'identity:create_domain',
    status: 201,
    body: CreateDomain,
    response: DomainAnswer,
    handle: async ({ domains }, { body: { domain: wanted }, host }) => {
      const { name, description, enabled, options, tags, explicit_domain_id: id } = wanted;
      const extra = extraOf(wanted, known);
      return {
        domain: domainView(await domains.create({ name, description, enabled, options, tags, id, extra }), host),
      };
    },
  }),
  route({
    id: 'domains.show',
    summary: 'Show a domain',
    method: 'GET',
    path: '/domains/:domain_id',
    policy: 'identity:get_domain',
    status: 200,
    params,
    response: DomainAnswer,
    handle: async ({ domains, authorize }, { ctx, params, host }) => {
      authorize('identity:get_domain', ctx, { domain_id: params.domain_id });
      return { domain: domainView(await domains.get(params.domain_id), host) };
    },
  }),
  route({
    id: 'domains.update',
    summary: 'Change a domain',
    method: 'PATCH',
    path: '/domains/:domain_id',
    policy: 'identity:update_domain',
    status: 200,
    params,
    body: UpdateDomain,
    response: DomainAnswer,
    handle: async ({ domains }, { params, body: { domain: wanted }, host }) => {
      const { name, description, enabled, options, tags } = wanted;
      const patch = {
        ...(name !== undefined && { name }),
        ...(description !== undefined && { description }),
        ...(enabled !== undefined && { enabled }),
        ...(tags !== undefined && { tags }),
        ...(options !== undefined && { options }),
        extra: extraOf(wanted, known),
      };
      return { domain: domainView(await domains.update(params.domain_id, patch), host) };
    },
  }),
  route({
    id: 'domains.delete',
    summary: 'Delete a domain',
    method: 'DELETE',
    path: '/domains/:domain_id',
    policy: 'identity:delete_domain',
    status: 204,
    params,
    handle: async ({ domains }, { params }) => {
      await domains.delete(params.domain_id);
      return undefined;
    },
  }),
];
