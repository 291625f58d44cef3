import { OvsdbClient, OvsdbError, type OvsdbOperation } from './ovsdb.ts';
import { entries, number, text, texts, toMap, toNewRow, toReference, toSet } from './ovsdb-values.ts';
import type { OvsdbRow } from './ovsdb-values.ts';
import {
  changed,
  insert,
  interfaceColumns,
  interfaceNames,
  mutatePorts,
  portColumns,
  update,
} from './ovs-operations.ts';
import type { Logger } from '../telemetry/log.ts';

export interface BridgeSpec {
  /** `netdev` for the userspace datapath; the kernel's (`system`) unless told. */
  readonly datapathType?: 'system' | 'netdev';
  /** What happens without a controller: `standalone` acts as a learning switch, `secure` drops until flows are set. */
  readonly failMode?: 'standalone' | 'secure';
  /** Added to what is there. */
  readonly externalIds?: Readonly<Record<string, string>>;
  /** Set only when the bridge is new: marks what we made. */
  readonly externalIdsWhenNew?: Readonly<Record<string, string>>;
}

export interface PortSpec {
  /** Interface type: '' (a device of the system), `internal`, `patch`, `gre`, `vxlan`. */
  readonly type?: string;
  /** VLAN of an access port; `null` takes it away, undefined leaves it. */
  readonly tag?: number | null;
  /** Replaces the interface's options. */
  readonly options?: Readonly<Record<string, string>>;
  /** The other end of a patch port: `options:peer`. */
  readonly peer?: string;
  /** Added to the interface's external_ids (iface-id, attached-mac …). */
  readonly externalIds?: Readonly<Record<string, string>>;
  /** Added to the port's other_config. */
  readonly otherConfig?: Readonly<Record<string, string>>;
  /** MAC address of an internal port. */
  readonly mac?: string;
}

export interface OvsPort {
  readonly bridge: string;
  readonly name: string;
  readonly type: string;
  readonly tag: number | undefined;
  /** OpenFlow port number; undefined while Open vSwitch has not taken the port up, -1 when it cannot. */
  readonly ofport: number | undefined;
  readonly options: Readonly<Record<string, string>>;
  readonly externalIds: Readonly<Record<string, string>>;
  readonly otherConfig: Readonly<Record<string, string>>;
  readonly mac: string | undefined;
  /** Why Open vSwitch cannot take the port up. */
  readonly error: string | undefined;
}

/** Open vSwitch has the port in its database and cannot make it work. */
export class OvsPortError extends Error {
  override readonly name = 'OvsPortError';
}

const MIRROR = {
  Open_vSwitch: ['bridges', 'next_cfg', 'cur_cfg', 'datapath_types', 'external_ids', 'ovs_version'],
  Bridge: ['name', 'ports', 'datapath_type', 'fail_mode', 'external_ids'],
  Port: ['name', 'interfaces', 'tag', 'other_config'],
  Interface: ['name', 'type', 'ofport', 'options', 'external_ids', 'mac', 'mac_in_use', 'error'],
};

/** Bridges and ports of one Open vSwitch, read from the mirror of its database and changed by idempotent transactions. */
export class OvsBridges {
  readonly db: OvsdbClient;

  constructor(db: OvsdbClient) {
    this.db = db;
  }

  /** @throws OvsdbUnreachable when no Open vSwitch answers at the socket */
  static async connect(socket: string, log: Logger): Promise<OvsBridges> {
    return new OvsBridges(await OvsdbClient.connect({ socket, log, mirror: MIRROR }));
  }

  close(): void {
    this.db.close();
  }

  /** The bridges' names. */
  bridges(): string[] {
    return [...this.db.rows('Bridge').values()].map((row) => text(row['name']) ?? '');
  }

  /** A bridge's external_ids; undefined when there is no such bridge. */
  bridgeExternalIds(name: string): Readonly<Record<string, string>> | undefined {
    const row = this.#find('Bridge', name)?.[1];
    return row && entries(row['external_ids']);
  }

  /** The ports of one bridge, or of all. A bridge's own port (of its name) is left out. */
  ports(bridge?: string): OvsPort[] {
    const found: OvsPort[] = [];
    for (const row of this.db.rows('Bridge').values()) {
      const name = text(row['name']) ?? '';
      if (bridge !== undefined && name !== bridge) continue;
      for (const uuid of texts(row['ports'])) {
        const port = this.#port(name, uuid);
        if (port && port.name !== name) found.push(port);
      }
    }
    return found;
  }

  port(name: string): OvsPort | undefined {
    const [uuid] = this.#find('Port', name) ?? [];
    const owner = uuid && this.#bridgeOf(uuid);
    return owner ? this.#port(text(owner[1]['name']) ?? '', uuid) : undefined;
  }

  /** Resolves when ovs-vswitchd has taken up all that is stored: after its restart, when port numbers may be new. */
  async sync(): Promise<void> {
    await this.#commit(() => [{ op: 'comment', comment: 'sync' }]);
  }

  /** Hears which interfaces of the given change came, changed or went; see `OvsdbClient.onChange`. */
  onInterfaceChange(listener: (names: ReadonlySet<string>) => void): () => void {
    return this.db.onChange((changes) => {
      const names = new Set(changes.flatMap(interfaceNames));
      if (names.size > 0) listener(names);
    });
  }

  /** The bridge exists, with these settings. Says whether it was made now. */
  async ensureBridge(name: string, spec: BridgeSpec = {}): Promise<boolean> {
    let made = false;
    await this.#commit(() => {
      const [uuid, row] = this.#find('Bridge', name) ?? [];
      made = row === undefined;
      const old = entries(row?.['external_ids']);
      const ids = { ...(made && spec.externalIdsWhenNew), ...old, ...spec.externalIds };
      const columns = changed(row, {
        ...(spec.datapathType && { datapath_type: spec.datapathType === 'system' ? '' : spec.datapathType }),
        ...(spec.failMode && { fail_mode: spec.failMode }),
        external_ids: toMap(ids),
      });
      if (uuid) return update('Bridge', uuid, columns);
      const names = { bridge: 'bridge', port: 'port', interface: 'iface' };
      return [
        insert('Interface', names.interface, { name, type: 'internal' }),
        insert('Port', names.port, { name, interfaces: toNewRow(names.interface) }),
        insert('Bridge', names.bridge, { name, ports: toNewRow(names.port), ...columns }),
        {
          op: 'mutate',
          table: 'Open_vSwitch',
          where: [],
          mutations: [['bridges', 'insert', toSet([toNewRow(names.bridge)])]],
        },
      ];
    });
    return made;
  }

  async deleteBridge(name: string): Promise<void> {
    await this.#commit(() => {
      const [uuid] = this.#find('Bridge', name) ?? [];
      if (!uuid) return [];
      return [
        {
          op: 'mutate',
          table: 'Open_vSwitch',
          where: [],
          mutations: [['bridges', 'delete', toSet([toReference(uuid)])]],
        },
      ];
    });
  }

  /**
   * The port exists on that bridge (moved there from another one), with these settings, and Open vSwitch has taken it up.
   * @throws OvsPortError when Open vSwitch cannot (a device of that name is missing …)
   */
  async ensurePort(bridge: string, name: string, spec: PortSpec = {}): Promise<OvsPort> {
    const [port] = await this.ensurePorts(bridge, { [name]: spec });
    return port!;
  }

  /** `ensurePort` for several in one transaction; the answers in the same order. */
  async ensurePorts(bridge: string, specs: Readonly<Record<string, PortSpec>>): Promise<OvsPort[]> {
    const names = Object.keys(specs);
    await this.#commit(() =>
      Object.entries(specs).flatMap(([name, spec], i) => this.#portOperations(bridge, name, spec, i)),
    );
    await this.#takenUp(bridge, names);
    // A device that came after its port was stored: Open vSwitch looks again when asked.
    if (names.some((name) => this.port(name)?.ofport === -1)) {
      await this.sync();
      await this.#takenUp(bridge, names);
    }
    const ports = names.map((name) => this.port(name)!);
    const broken = ports.find((port) => port.ofport === -1);
    if (broken)
      throw new OvsPortError(
        `Open vSwitch cannot use port ${broken.name} of ${bridge}: ${broken.error ?? 'no reason given'}`,
      );
    return ports;
  }

  /** Takes ports away; absent ones are no error. */
  async deletePorts(names: readonly string[]): Promise<void> {
    await this.#commit(() =>
      names.flatMap((name) => {
        const [uuid] = this.#find('Port', name) ?? [];
        const owner = uuid && this.#bridgeOf(uuid);
        return owner ? [mutatePorts(owner[0], 'delete', toReference(uuid))] : [];
      }),
    );
  }

  async deletePort(name: string): Promise<void> {
    await this.deletePorts([name]);
  }

  /** Puts existing ports into VLANs; absent ones are left out. */
  async setTags(
    tags: Readonly<
      Record<string, { readonly tag: number | null; readonly otherConfig?: Readonly<Record<string, string>> }>
    >,
  ): Promise<void> {
    await this.#commit(() =>
      Object.entries(tags).flatMap(([name, spec]) => {
        const [uuid, row] = this.#find('Port', name) ?? [];
        return uuid ? update('Port', uuid, changed(row, portColumns(spec, row))) : [];
      }),
    );
  }

  async setTag(name: string, tag: number | null): Promise<void> {
    await this.setTags({ [name]: { tag } });
  }

  #takenUp(bridge: string, names: readonly string[]): Promise<void> {
    const settled = (name: string): boolean => this.port(name)?.ofport !== undefined;
    const what = `ports ${names.join(', ')} of ${bridge}; is ovs-vswitchd running?`;
    return this.db.waitFor(() => names.every(settled), what);
  }

  #portOperations(bridge: string, name: string, spec: PortSpec, index: number): OvsdbOperation[] {
    const [bridgeUuid] = this.#find('Bridge', bridge) ?? [];
    if (!bridgeUuid) throw new OvsPortError(`Port ${name} cannot be made: there is no bridge ${bridge}`);
    const [interfaceUuid, interfaceRow] = this.#find('Interface', name) ?? [];
    const [portUuid, portRow] = this.#find('Port', name) ?? [];
    const interfaceChanges = changed(interfaceRow, interfaceColumns(spec, interfaceRow));
    const portChanges = changed(portRow, portColumns(spec, portRow));
    if (portUuid && interfaceUuid) {
      const owner = this.#bridgeOf(portUuid);
      const move = owner && owner[0] !== bridgeUuid;
      return [
        ...(move
          ? [
              mutatePorts(owner[0], 'delete', toReference(portUuid)),
              mutatePorts(bridgeUuid, 'insert', toReference(portUuid)),
            ]
          : []),
        ...update('Interface', interfaceUuid, interfaceChanges),
        ...update('Port', portUuid, portChanges),
      ];
    }
    return [
      insert('Interface', `iface${index}`, { name, ...interfaceChanges }),
      insert('Port', `port${index}`, { name, interfaces: toNewRow(`iface${index}`), ...portChanges }),
      mutatePorts(bridgeUuid, 'insert', toNewRow(`port${index}`)),
    ];
  }

  /**
   * Sends what `plan` finds missing, and waits until ovs-vswitchd has taken it up. When somebody else made the same
   * thing at the same moment the plan is made again on what is there then.
   */
  async #commit(plan: () => OvsdbOperation[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const operations = plan();
      if (operations.length === 0) return;
      try {
        const results = await this.db.transact([
          ...operations,
          { op: 'mutate', table: 'Open_vSwitch', where: [], mutations: [['next_cfg', '+=', 1]] },
          { op: 'select', table: 'Open_vSwitch', where: [], columns: ['next_cfg'] },
        ]);
        const wanted = number(results[operations.length + 1]?.rows?.[0]?.['next_cfg']) ?? 0;
        await this.db.waitFor(
          () => [...this.db.rows('Open_vSwitch').values()].some((row) => (number(row['cur_cfg']) ?? 0) >= wanted),
          'the change was stored and not taken up; is ovs-vswitchd running?',
        );
        return;
      } catch (error) {
        if (!(error instanceof OvsdbError) || error.reason !== 'constraint violation' || attempt === 3) throw error;
        await new Promise((resolve) => setTimeout(resolve, 10)); // the mirror learns of the other's change
      }
    }
  }

  #find(table: string, name: string): readonly [string, OvsdbRow] | undefined {
    for (const entry of this.db.rows(table)) if (entry[1]['name'] === name) return entry;
    return undefined;
  }

  #bridgeOf(portUuid: string): readonly [string, OvsdbRow] | undefined {
    for (const entry of this.db.rows('Bridge')) if (texts(entry[1]['ports']).includes(portUuid)) return entry;
    return undefined;
  }

  #port(bridge: string, uuid: string): OvsPort | undefined {
    const row = this.db.rows('Port').get(uuid);
    const link = row && this.db.rows('Interface').get(text(row['interfaces']) ?? '');
    if (!row || !link) return undefined;
    return {
      bridge,
      name: text(row['name']) ?? '',
      type: text(link['type']) ?? '',
      tag: number(row['tag']),
      ofport: number(link['ofport']),
      options: entries(link['options']),
      externalIds: entries(link['external_ids']),
      otherConfig: entries(row['other_config']),
      mac: text(link['mac']) ?? text(link['mac_in_use']),
      error: text(link['error']),
    };
  }
}
