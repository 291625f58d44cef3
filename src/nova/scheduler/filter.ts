import type { ScheduleRequest } from '../rpc.ts';
import type { GroupPolicy } from '../server-groups/rows.ts';
import type { HostState } from './host-state.ts';

/** What is asked of every host, with everything that had to be looked up for it once. */
export interface Question extends ScheduleRequest {
  readonly group: {
    readonly policy: GroupPolicy;
    /** Members per host. */
    readonly members: ReadonlyMap<string, number>;
    /** For anti-affinity: `max_server_per_host`. */
    readonly maxPerHost: number;
  } | null;
  /** Hosts of the servers that hints name. */
  readonly hostsOfServers: ReadonlyMap<string, string>;
  /** Whether a host's nova-compute has reported lately, and since when it has not. */
  readonly isUp: (host: HostState) => boolean;
}

/** One reason for which a host may not take a server. */
export interface HostFilter {
  /** As `scheduler_default_filters` names it: `RamFilter`. */
  readonly name: string;
  /** Null lets the host pass; otherwise why it does not, in words, with numbers. */
  readonly check: (host: HostState, question: Question) => string | null;
}

/** Ids in a hint, which may be one or a list. */
export const hintIds = (question: Question, name: string): readonly string[] => {
  const hint = question.hints[name];
  return (Array.isArray(hint) ? hint : hint === undefined || hint === null ? [] : [hint]).map(String);
};
