import type { FilterVerdict, FlavorRoom } from '../rpc.ts';
import type { HostFilter, Question } from './filter.ts';
import type { HostState } from './host-state.ts';

/** The first filter that refuses a host, with its reason; null when it passes all of them. */
export function verdictOf(host: HostState, question: Question, filters: readonly HostFilter[]): FilterVerdict | null {
  for (const filter of filters) {
    const reason = filter.check(host, question);
    if (reason !== null) return { host: host.host, filter: filter.name, reason };
  }
  return null;
}

/** A host, and a question, as they would be after `taken` servers of the flavor were put there. */
function after(host: HostState, question: Question, taken: number): [HostState, Question] {
  const { vcpus, memoryMb, diskGb } = question.flavor;
  const { used } = host;
  const fuller = {
    ...host,
    used: {
      vcpus: used.vcpus + taken * vcpus,
      memoryMb: used.memoryMb + taken * memoryMb,
      diskGb: used.diskGb + taken * diskGb,
    },
  };
  const { group } = question;
  if (group === null) return [fuller, question];
  const members = new Map(group.members).set(host.host, (group.members.get(host.host) ?? 0) + taken);
  return [fuller, { ...question, group: { ...group, members } }];
}

/** How many servers a host that takes one takes, one after the other; `atMost` at most. */
function placesOn(host: HostState, question: Question, filters: readonly HostFilter[], atMost: number): number {
  let places = 1;
  while (places < atMost && verdictOf(...after(host, question, places), filters) === null) places++;
  return places;
}

/** What the filters say of a flavor, host by host, without claiming anything. */
export function roomFor(
  hosts: readonly HostState[],
  question: Question,
  filters: readonly HostFilter[],
  count: number,
): Omit<FlavorRoom, 'flavorId'> {
  const verdicts: FilterVerdict[] = [];
  const passed: string[] = [];
  let places = 0;
  // The first member of an affinity group decides where all others go.
  const together = question.group?.policy === 'affinity';
  for (const host of hosts) {
    const verdict = verdictOf(host, question, filters);
    if (verdict !== null) {
      verdicts.push(verdict);
      continue;
    }
    passed.push(host.host);
    if (places >= count) continue;
    const here = placesOn(host, question, filters, together ? count : count - places);
    places = together ? Math.max(places, here) : places + here;
  }
  return { passed, places, verdicts };
}
