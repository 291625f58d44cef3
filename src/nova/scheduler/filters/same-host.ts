import { hintIds, type HostFilter } from '../filter.ts';

const hostsNamed = (hostsOf: ReadonlyMap<string, string>, ids: readonly string[]): readonly string[] =>
  ids.flatMap((id) => hostsOf.get(id) ?? []);

/** Hint `same_host`: where one of these servers is. */
export const sameHostFilter: HostFilter = {
  name: 'SameHostFilter',
  check(host, question) {
    const ids = hintIds(question, 'same_host');
    if (ids.length === 0) return null;
    const hosts = hostsNamed(question.hostsOfServers, ids);
    return hosts.includes(host.host)
      ? null
      : `the servers of the hint same_host are on ${hosts.join(', ') || 'no host'}`;
  },
};

/** Hint `different_host`: where none of these servers is. */
export const differentHostFilter: HostFilter = {
  name: 'DifferentHostFilter',
  check(host, question) {
    const ids = hintIds(question, 'different_host');
    const here = ids.find((id) => question.hostsOfServers.get(id) === host.host);
    return here === undefined ? null : `has server ${here} of the hint different_host`;
  },
};
