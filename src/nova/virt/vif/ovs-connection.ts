import { OvsBridges } from '#common/host/ovs-bridges.ts';
import type { Logger } from '#common/telemetry/log.ts';

/** The bridges of the host's Open vSwitch, connected at first use: nova-compute may start before it. */
export interface OvsConnection {
  /** @throws OvsdbUnreachable */
  get(): Promise<OvsBridges>;
  close(): void;
}

/** @param socket `/run/openvswitch/db.sock` */
export function ovsConnection(socket: string, log: Logger): OvsConnection {
  let connection: Promise<OvsBridges> | undefined;
  return {
    get() {
      connection ??= OvsBridges.connect(socket, log).catch((error: unknown) => {
        connection = undefined;
        throw error;
      });
      return connection;
    },
    close() {
      void connection?.then((bridges) => bridges.close()).catch(() => undefined);
      connection = undefined;
    },
  };
}
