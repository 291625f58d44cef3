import type { RpcClient } from '#common/bus/bus.ts';
import type { computeRpc } from '../rpc.ts';
import type { Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { NovaConfig } from '../config.ts';
import type { NovaTables } from '../tables.ts';
import type { HostDirectory } from './directory.ts';
import type { Service } from './services-rows.ts';

/** What the routes about hosts work with. */
export interface HostDeps {
  readonly db: Database<NovaTables>;
  readonly clock: Clock;
  readonly conf: NovaConfig;
  readonly directory: HostDirectory;
  readonly compute: RpcClient<(typeof computeRpc)['methods']>;
}

/** A query's text; empty is not said. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Daemons that run no servers are in a zone of their own. */
export const zoneOfService = async (deps: HostDeps, service: Service): Promise<string> =>
  service.binary === 'nova-compute'
    ? (await deps.directory.zones())(service.host)
    : deps.conf.DEFAULT.internal_service_availability_zone;
