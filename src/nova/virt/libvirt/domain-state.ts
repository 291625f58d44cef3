import type { PowerState } from '../driver.ts';
import type { DomainEvent } from './libvirt-client.ts';

// virDomainState
const STATES: Readonly<Record<number, PowerState>> = {
  1: 'running',
  2: 'running', // blocked on a resource
  3: 'paused',
  4: 'running', // being shut down
  5: 'shutdown',
  6: 'crashed',
  7: 'suspended',
};
const SHUTOFF = 5;
/** virDomainShutoffReason: crashed, and failed (its process was killed). */
const NOT_IN_ORDER = new Set([3, 6]);

export const powerOf = ({ state, reason }: { readonly state: number; readonly reason: number }): PowerState =>
  state === SHUTOFF && NOT_IN_ORDER.has(reason) ? 'crashed' : (STATES[state] ?? 'nostate');

/** virDomainEventType: started, suspended, resumed, stopped, suspended by the guest itself, crashed. */
const POWER_EVENTS = new Set([2, 3, 4, 5, 7, 8]);

/** Whether an event is about a guest's power, rather than its definition. */
export const changesPower = ({ event }: DomainEvent): boolean => POWER_EVENTS.has(event);
