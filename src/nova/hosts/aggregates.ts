import { badRequest, conflict, notFound } from '#common/api/errors.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { Ids } from '#common/ids.ts';
import type { RpcClient } from '#common/bus/bus.ts';
import type { computeRpc } from '../rpc.ts';
import type { NovaTables } from '../tables.ts';
import * as rows from './aggregates-rows.ts';
import type { HostDirectory } from './directory.ts';
import { serversOfHosts } from './nodes-rows.ts';
import { listServices } from './services-rows.ts';

export interface AggregateDeps {
  readonly db: Database<NovaTables>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly defaultZone: string;
  readonly directory: HostDirectory;
  readonly compute: RpcClient<(typeof computeRpc)['methods']>;
}

/** Host aggregates and the zones that they make. */
export class AggregateService {
  readonly #deps: AggregateDeps;

  constructor(deps: AggregateDeps) {
    this.#deps = deps;
  }

  async list(): Promise<rows.Aggregate[]> {
    return rows.listAggregates(this.#deps.db.query);
  }

  /** By number, or by UUID. @throws ApiError 404 */
  async show(id: string): Promise<rows.Aggregate> {
    const found = (await this.list()).find((one) => String(one.num) === id || one.id === id);
    if (!found) throw notFound(`Aggregate ${id} could not be found.`);
    return found;
  }

  /** @throws ApiError 409 for a name that is taken */
  async create(name: string, zone: string | null): Promise<rows.Aggregate> {
    const { db, clock, ids } = this.#deps;
    const id = ids.uuid();
    const metadata: Record<string, string> = zone === null ? {} : { availability_zone: zone };
    await db
      .transaction((trx) => rows.insertAggregate(trx, { id, name, metadata, now: isoMicros(clock.now()) }))
      .catch(taken(name));
    return this.show(id);
  }

  async update(id: string, change: { name?: string; zone?: string | null }): Promise<rows.Aggregate> {
    const aggregate = await this.show(id);
    const metadata = change.zone === undefined ? {} : { availability_zone: change.zone };
    return this.#change(aggregate, metadata, change.name);
  }

  /** Null removes an item. @throws ApiError 400 when a zone would change under its servers, 409 when hosts are in another zone */
  async setMetadata(id: string, metadata: Readonly<Record<string, string | null>>): Promise<rows.Aggregate> {
    return this.#change(await this.show(id), metadata);
  }

  async #change(
    aggregate: rows.Aggregate,
    changes: Readonly<Record<string, string | null>>,
    name?: string,
  ): Promise<rows.Aggregate> {
    const { db, clock } = this.#deps;
    const zone = changes['availability_zone'];
    if (zone !== undefined && zone !== aggregate.metadata['availability_zone']) {
      if (zone !== null) await this.#checkZone(aggregate, aggregate.hosts, zone, 'update');
      if ((await serversOfHosts(db.query, aggregate.hosts)).length > 0)
        throw badRequest(
          `Cannot update aggregate ${aggregate.num}. Reason: One or more hosts contain instances in this zone.`,
        );
    }
    const metadata = Object.fromEntries(
      Object.entries({ ...aggregate.metadata, ...changes }).filter(
        (item): item is [string, string] => item[1] !== null,
      ),
    );
    await db
      .transaction((trx) =>
        rows.updateAggregate(trx, aggregate.num, {
          metadata,
          now: isoMicros(clock.now()),
          ...(name !== undefined && { name }),
        }),
      )
      .catch(taken(name ?? aggregate.name));
    return this.show(String(aggregate.num));
  }

  /** @throws ApiError 400 while it has hosts */
  async delete(id: string): Promise<void> {
    const { num, hosts } = await this.show(id);
    if (hosts.length > 0)
      throw badRequest(`Cannot remove host from aggregate ${num}. Reason: Host aggregate is not empty.`);
    await this.#deps.db.transaction((trx) => rows.deleteAggregate(trx, num));
  }

  /** @throws ApiError 404 for an unknown host, 409 when it is in it or in another zone already */
  async addHost(id: string, host: string): Promise<rows.Aggregate> {
    const aggregate = await this.show(id);
    const { db } = this.#deps;
    if ((await listServices(db.query, { binary: 'nova-compute', host })).length === 0)
      throw notFound(`Compute host ${host} could not be found.`);
    const zone = aggregate.metadata['availability_zone'];
    if (zone !== undefined) {
      await this.#checkZone(aggregate, [host], zone, 'add host to');
      const before = (await this.list()).some((one) => one.hosts.includes(host) && one.metadata['availability_zone']);
      if (!before && zone !== this.#deps.defaultZone && (await serversOfHosts(db.query, [host])).length > 0)
        throw conflict(
          `Cannot add host to aggregate ${aggregate.num}. Reason: One or more hosts contain instances in zone '${this.#deps.defaultZone}'.`,
        );
    }
    await db
      .transaction((trx) => rows.addHost(trx, aggregate.num, host))
      .catch((error: unknown) => {
        if (isDuplicateKey(error)) throw conflict(`Aggregate ${aggregate.num} already has host ${host}.`);
        throw error;
      });
    return this.show(id);
  }

  /** @throws ApiError 404 when the host is not in it, 409 while its servers are in the zone */
  async removeHost(id: string, host: string): Promise<rows.Aggregate> {
    const aggregate = await this.show(id);
    if (!aggregate.hosts.includes(host)) throw notFound(`Aggregate ${aggregate.num} has no host ${host}.`);
    const zone = aggregate.metadata['availability_zone'];
    if (
      zone !== undefined &&
      zone !== this.#deps.defaultZone &&
      (await serversOfHosts(this.#deps.db.query, [host])).length > 0
    )
      throw conflict(
        `Cannot remove host from aggregate ${aggregate.num}. Reason: One or more hosts contain instances in zone '${zone}'.`,
      );
    await this.#deps.db.transaction((trx) => rows.removeHost(trx, aggregate.num, host));
    return this.show(id);
  }

  /** Lets the hosts fetch images ahead; those that are down do without. @throws ApiError 404, 400 for one named twice */
  async cacheImages(id: string, imageIds: readonly string[]): Promise<void> {
    const { hosts } = await this.show(id);
    if (new Set(imageIds).size < imageIds.length) throw badRequest('Duplicate images in request');
    const { directory, compute } = this.#deps;
    for (const host of hosts)
      if (await directory.computeIsUp(host)) await compute.cast('cacheImages', { imageIds }, { host });
  }

  /** A host is in one zone only. @throws ApiError 409 */
  async #checkZone(own: rows.Aggregate, hosts: readonly string[], zone: string, what: string): Promise<void> {
    const others = (await this.list())
      .filter((one) => one.num !== own.num && one.hosts.some((host) => hosts.includes(host)))
      .map((one) => one.metadata['availability_zone'])
      .filter((other) => other !== undefined && other !== zone);
    if (others.length > 0)
      throw conflict(
        `Cannot ${what} aggregate ${own.num}. Reason: One or more hosts already in availability zone(s) ['${others.join("', '")}'].`,
      );
  }
}

const taken =
  (name: string) =>
  (error: unknown): never => {
    if (isDuplicateKey(error)) throw conflict(`Aggregate ${name} already exists.`);
    throw error;
  };
