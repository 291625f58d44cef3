import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database, Queryable } from '#common/db/database.ts';
import type { NovaConfig } from '../config.ts';
import type { FilterVerdict, FlavorRoom, RoomRequest, ScheduleAnswer, ScheduleRequest } from '../rpc.ts';
import { findGroup, groupHosts, lockGroupHosts, type ServerGroup } from '../server-groups/rows.ts';
import type { NovaTables } from '../tables.ts';
import { claimedHost, claimedHosts, claimRoom, releaseRoom, type Limits } from './claims-rows.ts';
import { roomFor, verdictOf } from './dry-run.ts';
import { hintIds, type HostFilter, type Question } from './filter.ts';
import { HostView, type HostState } from './host-state.ts';
import { byWeight, weighersOf, type Weigher } from './weighers.ts';

export interface SchedulerDeps {
  readonly db: Database<NovaTables>;
  readonly clock: Clock;
  readonly conf: NovaConfig;
  readonly filters: readonly HostFilter[];
}

/** Chooses a host for every server and claims room on it. */
export class Scheduler {
  readonly #deps: SchedulerDeps;
  readonly #view: HostView;
  readonly #weighers: readonly Weigher[];
  readonly #limited: ReadonlySet<string>;

  constructor(deps: SchedulerDeps) {
    this.#deps = deps;
    this.#view = new HostView(deps);
    this.#weighers = weighersOf(deps.conf.DEFAULT);
    this.#limited = new Set(deps.filters.map((filter) => filter.name));
  }

  /**
   * All servers or none: when one finds no host, the others' claims are given back. A server that has a claim already
   * (its conductor died before it heard) keeps it, unless that host is to be avoided.
   */
  async select(request: ScheduleRequest): Promise<ScheduleAnswer> {
    await this.#view.refresh();
    const hosts: string[] = [];
    const group = await this.#groupOf(request);
    for (const serverId of request.serverIds) {
      const answer = await this.#place(serverId, request, group);
      if (typeof answer !== 'string') {
        for (const placed of request.serverIds.slice(0, hosts.length)) await this.#release(placed);
        return { ok: false, verdicts: answer };
      }
      hosts.push(answer);
    }
    return { ok: true, hosts };
  }

  /** Which hosts would take which flavors now: the same filters, and nothing is claimed. */
  async tryFlavors({ flavors, count, ...rest }: RoomRequest): Promise<FlavorRoom[]> {
    await this.#view.refresh();
    const [first] = flavors;
    if (!first) return [];
    const request = { ...rest, serverIds: [], ignoreHosts: [], flavor: first };
    const question = await this.#question('', request, await this.#groupOf(request));
    const hosts = this.#hostsFor(question);
    return flavors.map((flavor) => ({
      flavorId: flavor.id,
      ...roomFor(hosts, { ...question, flavor }, this.#deps.filters, count),
    }));
  }

  async #release(serverId: string): Promise<void> {
    await this.#deps.db.transaction((trx) => releaseRoom(trx, serverId, this.#now()));
  }

  #now(): string {
    return isoMicros(this.#deps.clock.now());
  }

  async #groupOf(request: ScheduleRequest): Promise<ServerGroup | null> {
    const id = request.hints['group'];
    return typeof id === 'string' ? findGroup(this.#deps.db.query, id) : null;
  }

  async #question(serverId: string, request: ScheduleRequest, group: ServerGroup | null): Promise<Question> {
    const { db, clock, conf } = this.#deps;
    const members = new Map<string, number>();
    if (group)
      for (const member of await groupHosts(db.query, group.id))
        if (member.serverId !== serverId) members.set(member.host, (members.get(member.host) ?? 0) + 1);
    const question = { ...request, group: group && { policy: group.policy, members, maxPerHost: maxPerHost(group) } };
    const patience = conf.DEFAULT.service_down_time * 1000;
    const now = clock.now().getTime();
    const full: Question = {
      ...question,
      hostsOfServers: new Map(),
      isUp: ({ service }) => service !== null && now - Date.parse(`${service.lastSeen}Z`) <= patience,
    };
    const named = [...hintIds(full, 'same_host'), ...hintIds(full, 'different_host')];
    return named.length === 0 ? full : { ...full, hostsOfServers: await claimedHosts(db.query, named) };
  }

  /** The host; or why there is none, for every host. */
  async #place(
    serverId: string,
    request: ScheduleRequest,
    group: ServerGroup | null,
  ): Promise<string | FilterVerdict[]> {
    const { db, conf } = this.#deps;
    const kept = await claimedHost(db.query, serverId);
    if (kept !== null) {
      const fits = !request.ignoreHosts.includes(kept) && (request.forceHost ?? kept) === kept;
      if (fits) return kept;
      await this.#release(serverId);
    }
    // What we remember of the hosts may be old. Only what has just been read is a reason to say no.
    for (let attempt = 0; ; attempt++) {
      const question = await this.#question(serverId, request, group);
      const { passed, verdicts } = this.#filter(question);
      const ordered = byWeight(passed, question, this.#weighers);
      for (let left = ordered; left.length > 0;) {
        const among = Math.min(Math.max(1, conf.DEFAULT.scheduler_host_subset_size), left.length);
        const host = left[among === 1 ? 0 : Math.floor(Math.random() * among)] as HostState;
        if (await this.#claim(serverId, host, request, group)) return host.host;
        left = left.filter((other) => other !== host);
      }
      if (attempt >= 2 || (attempt >= 1 && passed.length === 0)) {
        if (passed.length === 0) return verdicts;
        const taken = passed.map(({ host }) => ({
          host,
          filter: 'Claim',
          reason: 'another request took the room meanwhile',
        }));
        return [...verdicts, ...taken];
      }
      await this.#view.refresh(true);
    }
  }

  #hostsFor({ forceHost }: Question): readonly HostState[] {
    const all = this.#view.all();
    return forceHost === null ? all : all.filter((one) => one.host === forceHost);
  }

  #filter(question: Question): { passed: HostState[]; verdicts: FilterVerdict[] } {
    const { forceHost } = question;
    const passed: HostState[] = [];
    const verdicts: FilterVerdict[] = [];
    for (const host of this.#hostsFor(question)) {
      const verdict = verdictOf(host, question, this.#deps.filters);
      if (verdict === null) passed.push(host);
      else verdicts.push(verdict);
    }
    if (passed.length === 0 && verdicts.length === 0)
      verdicts.push({
        host: forceHost ?? '-',
        filter: 'ComputeFilter',
        reason:
          forceHost === null ? 'no compute host has ever reported' : 'no compute host of this name has ever reported',
      });
    return { passed, verdicts };
  }

  async #claim(
    serverId: string,
    { host, capacity }: HostState,
    { flavor }: ScheduleRequest,
    group: ServerGroup | null,
  ): Promise<boolean> {
    const limits: Limits = {
      vcpus: this.#limited.has('CoreFilter') ? capacity.vcpus : null,
      memoryMb: this.#limited.has('RamFilter') ? capacity.memoryMb : null,
      diskGb: this.#limited.has('DiskFilter') ? capacity.diskGb : null,
    };
    const room = { vcpus: flavor.vcpus, memoryMb: flavor.memoryMb, diskGb: flavor.diskGb };
    // Counted before it is sure: requests that are decided meanwhile spread over the other hosts.
    this.#view.count(host, room);
    const claimed = await this.#deps.db.transaction(
      async (trx) =>
        (await stillAllowed(trx, serverId, host, group)) &&
        (await claimRoom(trx, { serverId, host, ...room }, limits, this.#now())),
    );
    if (!claimed) await this.#view.reread(host);
    return claimed;
  }
}

const maxPerHost = (group: ServerGroup): number => group.rules['max_server_per_host'] ?? 1;

/** Two schedulers may place two members at once: the group's row makes the second look at what the first did. */
async function stillAllowed(
  trx: Queryable<NovaTables>,
  serverId: string,
  host: string,
  group: ServerGroup | null,
): Promise<boolean> {
  if (group?.policy !== 'affinity' && group?.policy !== 'anti-affinity') return true;
  const others = (await lockGroupHosts(trx, group.id)).filter((one) => one.serverId !== serverId);
  if (group.policy === 'affinity') return others.every((one) => one.host === host);
  return others.filter((one) => one.host === host).length < maxPerHost(group);
}
