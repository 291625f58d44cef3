import { isoMicros, type Clock } from '#common/clock.ts';
import type { Changes } from '../changes.ts';
import type { Db } from '../store.ts';
import type { PortRow } from '../tables.ts';
import { insertEvents, type NovaEvent } from './rows.ts';

export interface NovaEventOptions {
  /** `notify_nova_on_port_status_changes` */
  readonly statusChanges: boolean;
  /** `notify_nova_on_port_data_changes` */
  readonly dataChanges: boolean;
  readonly clock: Clock;
}

/**
 * Writes down what Nova is to hear, in the transaction of the change itself: an event is neither lost with this process nor
 * sent for a change that was undone.
 */
export class NovaEvents {
  readonly #options: NovaEventOptions;

  constructor(options: NovaEventOptions) {
    this.#options = options;
  }

  /** Ports that turned from what they are in `ports` into `status`. */
  async statusChanged(db: Db, told: Changes, ports: readonly PortRow[], status: string): Promise<void> {
    if (!this.#options.statusChanges) return;
    await this.#record(
      db,
      told,
      ports.flatMap((port) => (port.status === status ? [] : this.#statusEvent(port, status))),
    );
  }

  /** Addresses of ports changed: Nova looks at the network again. */
  async dataChanged(db: Db, told: Changes, ports: readonly PortRow[]): Promise<void> {
    if (!this.#options.dataChanges) return;
    await this.#record(
      db,
      told,
      ports
        .filter(isServerPort)
        .map((port) => ({ name: 'network-changed', server_uuid: port.device_id, tag: port.id, status: null })),
    );
  }

  async deleted(db: Db, told: Changes, port: PortRow): Promise<void> {
    if (!this.#options.statusChanges || !isServerPort(port)) return;
    await this.#record(db, told, [
      { name: 'network-vif-deleted', server_uuid: port.device_id, tag: port.id, status: null },
    ]);
  }

  #statusEvent(port: PortRow, status: string): readonly NovaEvent[] {
    if (!isServerPort(port)) return [];
    const event = (name: NovaEvent['name'], result: NovaEvent['status']): NovaEvent => ({
      name,
      server_uuid: port.device_id,
      tag: port.id,
      status: result,
    });
    if (status === 'ACTIVE') return [event('network-vif-plugged', 'completed')];
    if (status === 'ERROR') return [event('network-vif-plugged', 'failed')];
    return port.status === 'ACTIVE' ? [event('network-vif-unplugged', 'completed')] : [];
  }

  async #record(db: Db, told: Changes, events: readonly NovaEvent[]): Promise<void> {
    if (events.length === 0) return;
    await insertEvents(db, events, isoMicros(this.#options.clock.now()));
    told.novaEvents = true;
  }
}

const isServerPort = (port: PortRow): boolean => port.device_owner.startsWith('compute:') && port.device_id !== '';
