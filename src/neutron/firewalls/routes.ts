import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import type { Controller } from '../api/controller.ts';
import { readValue, uuid } from '../api/kinds.ts';
import { documented, resourceRoutes } from '../api/resource-routes.ts';
import { firewallErrors } from './errors.ts';
import type { PolicyService } from './policy-service.ts';
import {
  firewallPolicyResource,
  firewallResource,
  firewallRuleResource,
  type firewallAttributes,
  type firewallPolicyAttributes,
  type firewallRuleAttributes,
} from './schema.ts';

/** What the routes of firewalls call. */
export interface FirewallApi {
  readonly firewalls: Controller<typeof firewallAttributes>;
  readonly policies: Controller<typeof firewallPolicyAttributes>;
  readonly rules: Controller<typeof firewallRuleAttributes>;
  readonly policyService: PolicyService;
}

const route = routesFor<FirewallApi>();
const id = uuid.schema;
const properties = { firewall_rule_id: id, insert_before: { type: 'string' }, insert_after: { type: 'string' } };

/** The rule that a request names under `name`; null for none, which the client writes as ''. */
function ruleOf(body: unknown, name: keyof typeof properties): string | null {
  const value = (body as Record<string, unknown> | null | undefined)?.[name];
  return value === undefined || value === null || value === '' ? null : readValue(uuid, name, value);
}

const changes = (['insert', 'remove'] as const).map((verb) =>
  route({
    id: `firewall_policies.${verb}_rule`,
    summary: verb === 'insert' ? 'Put a rule into a firewall policy' : 'Take a rule out of a firewall policy',
    method: 'PUT',
    path: `/fw/firewall_policies/:firewall_policy_id/${verb}_rule`,
    policy: `${verb}_rule`,
    status: 200,
    params: Type.Object({ firewall_policy_id: Type.String() }),
    body: documented({ type: 'object', properties, required: ['firewall_rule_id'] }),
    response: Type.Unsafe<unknown>({ type: 'object' }),
    handle: async (api, { ctx, params, body }) => {
      const { caller, view } = await api.policies.findFor(ctx, `${verb}_rule`, params.firewall_policy_id);
      const rule = ruleOf(body, 'firewall_rule_id');
      if (rule === null) throw firewallErrors.ruleInfoMissing();
      const policy = view['id'] as string;
      // The policy itself, without a name around it: Neutron's own answer.
      if (verb === 'remove') return api.policyService.removeRule(caller, policy, rule);
      const place = { before: ruleOf(body, 'insert_before'), after: ruleOf(body, 'insert_after') };
      return api.policyService.insertRule(caller, policy, rule, place);
    },
  }),
);

export const firewallRoutes = [
  ...resourceRoutes(firewallResource, (api: FirewallApi) => api.firewalls),
  ...resourceRoutes(firewallPolicyResource, (api: FirewallApi) => api.policies),
  ...resourceRoutes(firewallRuleResource, (api: FirewallApi) => api.rules),
  ...changes,
];
