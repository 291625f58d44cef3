import type { AgentDirectory } from '../agent-registry/directory.ts';
import { bindPort, unbound } from '../ml2/mechanisms/drivers.ts';
import type { Binding, MechanismDriver } from '../ml2/mechanisms/driver.ts';
import { segmentOf } from '../networks/segment.ts';
import type { Db } from '../store.ts';
import type { NetworkRow } from '../tables.ts';

/** Decides how ports are connected on their hosts. */
export class Binder {
  readonly #mechanisms: readonly MechanismDriver[];
  readonly #agents: AgentDirectory;

  constructor({
    mechanisms,
    agents,
  }: {
    readonly mechanisms: readonly MechanismDriver[];
    readonly agents: AgentDirectory;
  }) {
    this.#mechanisms = mechanisms;
    this.#agents = agents;
  }

  async bind(db: Db, network: NetworkRow, host: string, vnicType: string): Promise<Binding> {
    if (host === '') return unbound;
    const agents = await this.#agents.onHost(db, host);
    return bindPort(this.#mechanisms, { host, vnicType, segment: segmentOf(network), agents });
  }
}
