import { request } from '../client.ts';
import type { SecurityGroup, SecurityGroupRule } from './networks.ts';
import { networkUrl, writes, type NetworkCall } from './writes.ts';

export interface SecurityGroupChange {
  readonly name?: string;
  readonly description?: string;
}
export interface NewSecurityGroup extends SecurityGroupChange {
  readonly name: string;
  readonly tenant_id?: string;
}

export const securityGroupWrites = writes<SecurityGroup, NewSecurityGroup, SecurityGroupChange>(
  'security_group',
  'security-groups',
);

export type RuleContent = Omit<SecurityGroupRule, 'id' | 'security_group_id'>;
export type NewRule = RuleContent & { readonly security_group_id: string };

const RULES = '/security-group-rules';

/** All of them or none. @throws ApiFault 400 for what no packet could match, 409 for one that is there already */
export const createRules = (rules: readonly NewRule[]): Promise<void> =>
  request('network', RULES, { method: 'POST', body: { security_group_rules: rules } });
export const createRulesCall = (rules: readonly NewRule[]): NetworkCall => ({
  method: 'POST',
  url: networkUrl(RULES),
  body: { security_group_rules: rules },
});
export const deleteRule = (id: string): Promise<void> => request('network', `${RULES}/${id}`, { method: 'DELETE' });

/** A group's rules. */
export const rulesOf = async (group: string, signal: AbortSignal): Promise<readonly SecurityGroupRule[]> =>
  (
    await request<{ security_group_rules: SecurityGroupRule[] }>('network', `${RULES}?security_group_id=${group}`, {
      signal,
    })
  ).security_group_rules;
