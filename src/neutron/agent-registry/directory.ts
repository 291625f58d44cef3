import type { Clock } from '#common/clock.ts';
import type { HostAgent } from '../ml2/mechanisms/driver.ts';
import type { Db } from '../store.ts';
import type { AgentRow } from '../tables.ts';
import { agentsOfType, agentsOnHost } from './rows.ts';

/** Which agents there are, and which of them can be counted on. */
export class AgentDirectory {
  readonly #clock: Clock;
  readonly #downSeconds: number;

  /** @param downSeconds `agent_down_time`: an agent that was silent for longer counts as dead */
  constructor({ clock, downSeconds }: { readonly clock: Clock; readonly downSeconds: number }) {
    this.#clock = clock;
    this.#downSeconds = downSeconds;
  }

  isAlive({ heartbeat_timestamp }: Pick<AgentRow, 'heartbeat_timestamp'>): boolean {
    const last = Date.parse(`${heartbeat_timestamp.slice(0, 23)}Z`);
    return this.#clock.now().getTime() - last < this.#downSeconds * 1000;
  }

  async onHost(db: Db, host: string): Promise<readonly HostAgent[]> {
    return (await agentsOnHost(db, host)).map((row) => ({
      agentType: row.agent_type,
      alive: this.isAlive(row),
      configurations: configurationsOf(row),
    }));
  }

  /** Agents of a type that new work may be given to. */
  async ready(db: Db, type: string): Promise<readonly AgentRow[]> {
    return (await agentsOfType(db, type)).filter((row) => row.admin_state_up === 1 && this.isAlive(row));
  }
}

export const configurationsOf = (row: AgentRow): Readonly<Record<string, unknown>> =>
  JSON.parse(row.configurations) as Record<string, unknown>;
