import type { Database } from '../db/database.ts';
import { watchRows, type RowChange, type RowValues, type WatchedDatabase, type WatchedTable } from '../db/row-watch.ts';
import { currentRequestId, type Logger } from '../telemetry/log.ts';
import type { Bus } from './bus.ts';

/** A notification that a change of a row means. */
export interface RowEvent {
  /** `compute.instance.update` */
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Whose it is; null for what is the cloud's. */
  readonly projectId: string | null;
}

/** Finds a remembered row of another table: no query. */
export type FindRow = (table: string, values: RowValues) => RowValues | undefined;

/** A watched table, and what its changes are told as. */
export interface TableEvents extends WatchedTable {
  readonly events: (change: RowChange, find: FindRow) => readonly RowEvent[];
}

export interface RowEventDeps {
  readonly bus: Bus;
  /** `compute.host1` */
  readonly publisher: string;
  readonly log: Logger;
}

/** A database whose committed changes are told on the bus, as the tables say. Telling neither delays nor fails a request. */
export function tellRowChanges<Tables>(
  database: Database<Tables>,
  tables: Readonly<Partial<Record<keyof Tables & string, TableEvents>>>,
  deps: RowEventDeps,
): WatchedDatabase<Tables> {
  const events = tables as Readonly<Record<string, TableEvents>>;
  const find: FindRow = (table, values) => watched.remembered(table).find(values);
  const watched: WatchedDatabase<Tables> = watchRows(database, {
    tables: events,
    log: deps.log,
    heard: (changes) => {
      const said = new Set<string>();
      for (const change of changes)
        for (const event of events[change.table]?.events(change, find) ?? []) {
          // Several rows of one transaction may mean the same: the limits of a project, the hosts of an aggregate.
          const text = JSON.stringify(event);
          if (!said.has(text)) sendEvent(deps, event);
          said.add(text);
        }
    },
  });
  return watched;
}

/** Sends a notification that nobody waits for. */
export function sendEvent({ bus, publisher, log }: RowEventDeps, { type, payload, projectId }: RowEvent): void {
  const requestId = currentRequestId();
  bus
    .notify({
      eventType: type,
      publisherId: publisher,
      priority: 'INFO',
      payload,
      // Neutron's own ports are of the project ''.
      ...(projectId !== null && projectId !== '' && { projectId }),
      ...(requestId !== undefined && { requestId }),
    })
    .catch((error: unknown) => log.warn(`The notification ${type} was not sent`, error));
}
