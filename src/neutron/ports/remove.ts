import type { Changes } from '../changes.ts';
import { detachFloatingIps } from '../floatingips/rows.ts';
import { releaseAll } from '../ipam/allocator.ts';
import { groupBy } from '../list-rows.ts';
import type { QuotaService } from '../quotas/service.ts';
import type { Db } from '../store.ts';
import type { PortRow } from '../tables.ts';
import { addressesOf, deletePortRows, groupsOf } from './rows.ts';

/** Removes ports with all that hangs on them, whoever they belong to; whether that may be is the caller's question. */
export async function removePorts(
  db: Db,
  told: Changes,
  quotas: QuotaService,
  ports: readonly PortRow[],
): Promise<void> {
  if (ports.length === 0) return;
  const ids = ports.map(({ id }) => id);
  const projects = groupBy(ports, (port) => port.project_id);
  for (const project of [...projects.keys()].sort())
    await quotas.giveBack(db, project, 'port', projects.get(project)?.length ?? 0);
  const addresses = groupBy(await addressesOf(db, ids), (row) => row.port_id);
  for (const { security_group_id } of await groupsOf(db, ids)) told.securityGroups.add(security_group_id);
  for (const router of await detachFloatingIps(db, ids)) told.routers.add(router);
  for (const [networkId, group] of groupBy(ports, (port) => port.network_id)) {
    const held = group.flatMap(({ id }) => addresses.get(id) ?? []);
    await releaseAll(
      db,
      networkId,
      held.map(({ subnet_id, ip_address }) => ({ subnetId: subnet_id, key: ip_address })),
    );
    told.dhcpNetworks.add(networkId);
  }
  await deletePortRows(db, ids);
  for (const port of ports) {
    told.deletedPorts.add(port.id);
    if (port.device_owner.startsWith('network:router_')) told.routers.add(port.device_id);
  }
}
