import type { GuestInterface } from '../driver.ts';

/** The host's devices of one port. Names: a prefix and the first 11 characters of the port's id (a device name has 15). */
export interface VifNames {
  readonly tap: string;
  readonly qbr: string;
  readonly qvb: string;
  readonly qvo: string;
}

/** Devices of one guest's port that are there. */
export interface WiredPort {
  readonly guestId: string;
  /** The first 11 characters of the port's id. */
  readonly port: string;
}

export interface PlugOptions {
  /** Make the tap too; a hypervisor that makes its own leaves it out. A plain Open vSwitch port always gets one. */
  readonly makeTap: boolean;
}

/** Wires guests' interfaces to the host's network: everything idempotent. It makes no bridge of Open vSwitch itself. */
export interface VifPlugger {
  /**
   * The interfaces are wired; what is right already is not touched.
   * @throws Error for people when Open vSwitch or its bridge is not there
   */
  plug(guestId: string, nics: readonly GuestInterface[], options: PlugOptions, signal?: AbortSignal): Promise<void>;
  /** Absent devices are no error. */
  unplug(nics: readonly Pick<GuestInterface, 'portId' | 'vif'>[]): Promise<void>;
  /** What this installation has wired, by the marks on the devices and in Open vSwitch's database. */
  listOurs(): Promise<readonly WiredPort[]>;
  /** Removes what is left of ports whose interfaces nobody remembers. */
  remove(ports: readonly WiredPort[]): Promise<void>;
  /** The ports that the network agent has not taken up within the time. */
  unwired(nics: readonly GuestInterface[], timeoutMs: number, signal?: AbortSignal): Promise<readonly string[]>;
  close(): void;
}

const PORT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @throws Error when it is no port's id: the names go into commands */
export function vifNames(portId: string): VifNames {
  if (!PORT_ID.test(portId)) throw new Error(`"${portId}" is not the UUID of a port`);
  return namesOf(portId.slice(0, 11));
}

export const namesOf = (port: string): VifNames => ({
  tap: `tap${port}`,
  qbr: `qbr${port}`,
  qvb: `qvb${port}`,
  qvo: `qvo${port}`,
});

/** The bridge that a hypervisor puts the tap into; null when the tap itself is the port of Open vSwitch. */
export function tapBridge(nic: GuestInterface): string | null {
  if (nic.vif.type === 'bridge') return nic.vif.bridge;
  return nic.vif.hybrid ? vifNames(nic.portId).qbr : null;
}

/** For drivers without a network: the fake, and guests without interfaces. */
export const noVif: VifPlugger = {
  plug: async () => undefined,
  unplug: async () => undefined,
  listOurs: async () => [],
  remove: async () => undefined,
  unwired: async () => [],
  close: () => undefined,
};
