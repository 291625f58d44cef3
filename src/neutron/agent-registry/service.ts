import { isoMicros, type Clock } from '#common/clock.ts';
import type { Ids } from '#common/ids.ts';
import type { Caller, Scope } from '../api/access.ts';
import type { ResourceService } from '../api/controller.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { UpdateOf, View } from '../api/resource.ts';
import { errors } from '../errors.ts';
import type { AgentReport } from '../rpc.ts';
import type { Store } from '../store.ts';
import type { AgentRow } from '../tables.ts';
import { configurationsOf, type AgentDirectory } from './directory.ts';
import { deleteAgentRow, findAgent, findAgentOf, listAgents, updateAgent, upsertAgent } from './rows.ts';
import type { agentAttributes } from './schema.ts';

type Attributes = typeof agentAttributes;

export interface AgentServiceDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly directory: AgentDirectory;
}

const spaced = (time: string): string => time.slice(0, 19).replace('T', ' ');

export class AgentService implements ResourceService<Attributes> {
  readonly #deps: AgentServiceDeps;

  constructor(deps: AgentServiceDeps) {
    this.#deps = deps;
  }

  notFound(id: string) {
    return errors.agentNotFound(id);
  }

  /** Agents are the cloud's: who may look at them at all is policy. */
  async list(_scope: Scope, query: ListQuery): Promise<readonly View[]> {
    const rows = await listAgents(this.#deps.store.query, query);
    if (!rows) throw errors.agentNotFound(query.marker ?? '');
    const alive = query.filters.get('alive');
    const views = rows.map((row) => this.view(row));
    return alive ? views.filter((view) => alive.some((text) => /^(true|1)$/i.test(text) === view['alive'])) : views;
  }

  async create(): Promise<never> {
    throw errors.noRoute();
  }

  async update(_caller: Caller, current: View, changes: UpdateOf<Attributes>): Promise<View> {
    const { store } = this.#deps;
    const id = current['id'] as string;
    await store.write((db) =>
      updateAgent(db, id, {
        ...(changes.admin_state_up !== undefined && { admin_state_up: Number(changes.admin_state_up) }),
        ...(changes.description !== undefined && { description: changes.description }),
      }),
    );
    const row = await findAgent(store.query, id);
    if (!row) throw errors.agentNotFound(id);
    return this.view(row);
  }

  async remove(_caller: Caller, current: View): Promise<void> {
    await this.#deps.store.write((db) => deleteAgentRow(db, current['id'] as string));
  }

  /** Takes in a heartbeat. @returns the agent when it is new to us or back: work may be waiting for it */
  async report(report: AgentReport): Promise<AgentRow | null> {
    const { store, clock, ids, directory } = this.#deps;
    const now = isoMicros(clock.now());
    const before = await findAgentOf(store.query, report.agentType, report.host);
    const zone = report.configurations['availability_zone'];
    await store.write((db) =>
      upsertAgent(
        db,
        {
          id: ids.uuid(),
          agent_type: report.agentType,
          binary: report.binary,
          topic: report.topic,
          host: report.host,
          admin_state_up: 1,
          created_at: now,
          started_at: now,
          heartbeat_timestamp: now,
          description: null,
          configurations: JSON.stringify(report.configurations),
          availability_zone: ['DHCP agent', 'L3 agent'].includes(report.agentType)
            ? typeof zone === 'string'
              ? zone
              : 'nova'
            : null,
        },
        report.startup,
      ),
    );
    if (before && directory.isAlive(before) && !report.startup) return null;
    return (await findAgentOf(store.query, report.agentType, report.host)) ?? null;
  }

  view(row: AgentRow): View {
    return {
      id: row.id,
      agent_type: row.agent_type,
      binary: row.binary,
      topic: row.topic,
      host: row.host,
      admin_state_up: row.admin_state_up === 1,
      created_at: spaced(row.created_at),
      started_at: spaced(row.started_at),
      heartbeat_timestamp: spaced(row.heartbeat_timestamp),
      description: row.description,
      resources_synced: null,
      availability_zone: row.availability_zone,
      alive: this.#deps.directory.isAlive(row),
      configurations: configurationsOf(row),
    };
  }
}
