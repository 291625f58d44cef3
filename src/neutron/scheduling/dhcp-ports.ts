import { portsOfNetwork, setHosts } from '../ports/rows.ts';
import type { Db } from '../store.ts';

/** The device id of a DHCP port that waits for an agent. */
export const reservedDhcpPort = 'reserved_dhcp_port';

/** Ports of an agent that serves a network no more stay reserved: the next one takes them over with their addresses. */
export async function releaseDhcpPorts(db: Db, networkId: string, host: string): Promise<void> {
  const ports = await portsOfNetwork(db, networkId, ['network:dhcp']);
  const ids = ports.filter((port) => port.host === host).map(({ id }) => id);
  await setHosts(db, ids, {
    host: '',
    device_id: reservedDhcpPort,
    vif_type: 'unbound',
    vif_details: '{}',
    status: 'DOWN',
  });
}
