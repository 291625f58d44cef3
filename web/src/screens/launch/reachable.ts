import type { SecurityGroup } from '#api/network/networks.ts';

/** Whether any of the groups lets a port in from outside of all groups. */
export const lets = (groups: readonly SecurityGroup[], protocol: string, port: number): boolean =>
  groups.some(({ security_group_rules }) =>
    security_group_rules.some(
      (rule) =>
        rule.direction === 'ingress' &&
        rule.remote_group_id == null &&
        (rule.protocol === null || rule.protocol === protocol) &&
        (rule.port_range_min ?? 0) <= port &&
        port <= (rule.port_range_max ?? 65_535),
    ),
  );
