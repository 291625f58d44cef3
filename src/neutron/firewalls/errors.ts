/** Faults of firewalls, in Neutron's words. */
import { ApiError } from '#common/api/errors.ts';

const fault = (status: number, type: string, message: string): ApiError => new ApiError(status, message, { type });

export const firewallErrors = {
  firewallNotFound: (id: string) => fault(404, 'FirewallNotFound', `Firewall ${id} could not be found.`),
  countExceeded: (project: string) =>
    fault(
      409,
      'FirewallCountExceeded',
      `Exceeded allowed count of firewalls for tenant ${project}. Only one firewall is supported per tenant.`,
    ),
  pending: (id: string, state: string) =>
    fault(
      409,
      'FirewallInPendingState',
      `Operation cannot be performed since associated Firewall ${id} is in ${state}.`,
    ),
  policyNotFound: (id: string) => fault(404, 'FirewallPolicyNotFound', `Firewall Policy ${id} could not be found.`),
  policyInUse: (id: string) => fault(409, 'FirewallPolicyInUse', `Firewall Policy ${id} is being used.`),
  ruleNotFound: (id: string) => fault(404, 'FirewallRuleNotFound', `Firewall Rule ${id} could not be found.`),
  ruleInUse: (id: string) => fault(409, 'FirewallRuleInUse', `Firewall Rule ${id} is being used.`),
  ruleNotInPolicy: (rule: string, policy: string) =>
    fault(
      400,
      'FirewallRuleNotAssociatedWithPolicy',
      `Firewall Rule ${rule} is not associated with  Firewall Policy ${policy}.`,
    ),
  sharingConflict: (rule: string, policy: string) =>
    fault(
      409,
      'FirewallRuleSharingConflict',
      `Operation cannot be performed since Firewall Policy ${policy} is shared but Firewall Rule ${rule} is not shared`,
    ),
  ruleInfoMissing: () =>
    fault(400, 'FirewallRuleInfoMissing', 'Missing rule info argument for insert/remove rule operation.'),
  portsWithIcmp: () =>
    fault(
      400,
      'FirewallRuleInvalidICMPParameter',
      'Source, destination port are not allowed when protocol is set to ICMP.',
    ),
  portsWithoutProtocol: () =>
    fault(400, 'FirewallRuleWithPortWithoutProtocolInvalid', 'Source/destination port requires a protocol'),
  versionConflict: () =>
    fault(400, 'FirewallIpAddressConflict', 'Invalid input - IP addresses do not agree with IP Version'),
} as const;
