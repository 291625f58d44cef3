import { StartupError } from '#common/daemon.ts';
import { errors } from '../errors.ts';
import type { NetworkType, Segment } from '../rpc.ts';
import type { Db } from '../store.ts';
import type { TypeDriver, WantedSegment } from './types/driver.ts';

/** Which type of network a new one becomes, and which segment it gets. */
export class TypeManager {
  readonly #drivers: ReadonlyMap<NetworkType, TypeDriver>;
  readonly #tenantTypes: readonly TypeDriver[];

  /** @param tenantTypes `[ml2] tenant_network_types`, in the order of trying. @throws StartupError */
  constructor(drivers: ReadonlyMap<NetworkType, TypeDriver>, tenantTypes: readonly string[]) {
    this.#drivers = drivers;
    this.#tenantTypes = tenantTypes.map((name) => {
      const driver = drivers.get(name as NetworkType);
      if (!driver)
        throw new StartupError(
          `[ml2] tenant_network_types names "${name}", which type_drivers lacks. Add it there or remove it here.`,
        );
      return driver;
    });
  }

  get types(): readonly NetworkType[] {
    return [...this.#drivers.keys()];
  }

  async synchronise(db: Db): Promise<void> {
    for (const driver of this.#drivers.values()) await driver.synchronise(db);
  }

  /** @throws ApiError 400 */
  async reserve(db: Db, networkType: string | null, wanted: WantedSegment): Promise<Segment> {
    if (networkType === null) throw errors.invalidInput('network_type required');
    const driver = this.#drivers.get(networkType as NetworkType);
    if (!driver) throw errors.invalidInput(`network_type value '${networkType}' not supported`);
    return driver.reserve(db, wanted);
  }

  /** For a network without provider attributes. @throws ApiError 503 when every type is exhausted */
  async allocate(db: Db): Promise<Segment> {
    for (const driver of this.#tenantTypes) {
      const segment = await driver.allocate(db);
      if (segment) return segment;
    }
    throw errors.noNetworkAvailable();
  }

  /** A type that was configured once and is not any more has nothing to give back to. */
  async release(db: Db, segment: Segment): Promise<void> {
    await this.#drivers.get(segment.networkType)?.release(db, segment);
  }

  /** The largest MTU of such a network, in bytes. */
  mtuOf(networkType: NetworkType): number {
    return this.#drivers.get(networkType)?.mtu ?? 1500;
  }
}
