import type { HostFilter } from '../filter.ts';

/** Server group, policy anti-affinity: members keep apart. */
export const antiAffinityFilter: HostFilter = {
  name: 'ServerGroupAntiAffinityFilter',
  check(host, { group }) {
    if (group?.policy !== 'anti-affinity') return null;
    const members = group.members.get(host.host) ?? 0;
    return members < group.maxPerHost
      ? null
      : `has ${members} of the server group's members already, ${group.maxPerHost} are allowed`;
  },
};

/** Server group, policy affinity: members stay together. */
export const affinityFilter: HostFilter = {
  name: 'ServerGroupAffinityFilter',
  check(host, { group }) {
    if (group?.policy !== 'affinity' || group.members.size === 0 || group.members.has(host.host)) return null;
    return `the server group's members are on ${[...group.members.keys()].join(', ')}`;
  },
};
