import { Type } from '@sinclair/typebox';
import { badRequest, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { Kit } from '../api/kit.ts';
import { one } from '../api/paging.ts';
import { AnyQuery } from '../api/schemas.ts';
import { useOfHost } from './hosts-rows.ts';
import { changeService, listServices } from './rows.ts';

const route = routesFor<Kit>();
const HostParams = Type.Object({ host: Type.String() });

/** Hosts of the volume service, for administrators. */
export const hostRoutes = [
  route({
    id: 'hosts.list',
    summary: 'List hosts with their daemons',
    method: 'GET',
    path: '/os-hosts',
    policy: 'volume_extension:hosts',
    status: 200,
    query: AnyQuery,
    handle: async (kit, { query }) => {
      const binary = one(query['service']);
      const zone = one(query['zone']);
      const services = (await listServices(kit.db.query)).filter(
        (service) =>
          (binary === undefined || service.binary === binary) &&
          (zone === undefined || service.availabilityZone === zone),
      );
      return {
        hosts: services.map((service) => ({
          host_name: service.host,
          service: service.binary,
          zone: service.availabilityZone,
          'service-status': kit.directory.isUp(service) ? 'available' : 'unavailable',
          'service-state': service.disabled ? 'disabled' : 'enabled',
          'last-update': service.lastSeen,
        })),
      };
    },
  }),
  route({
    id: 'hosts.show',
    summary: 'Show what a host has, in all and by project',
    method: 'GET',
    path: '/os-hosts/:host',
    policy: 'volume_extension:hosts',
    status: 200,
    params: HostParams,
    handle: async (kit, { params: { host } }) => {
      if ((await listServices(kit.db.query, { host })).length === 0) throw notFound(`Host ${host} could not be found.`);
      const used = await useOfHost(kit.db.query, host);
      const sum = (pick: (one: (typeof used)[number]) => number): number =>
        used.reduce((total, each) => total + pick(each), 0);
      const line = (project: string, count: number, gb: number, snapshots: number, snapshotGb: number) => ({
        resource: {
          host,
          project,
          volume_count: String(count),
          total_volume_gb: String(gb),
          snapshot_count: String(snapshots),
          total_snapshot_gb: String(snapshotGb),
        },
      });
      return {
        host: [
          line(
            '(total)',
            sum((each) => each.volumes),
            sum((each) => each.volumeGb),
            sum((each) => each.snapshots),
            sum((each) => each.snapshotGb),
          ),
          ...used.map((each) => line(each.projectId, each.volumes, each.volumeGb, each.snapshots, each.snapshotGb)),
        ],
      };
    },
  }),
  route({
    id: 'hosts.update',
    summary: 'Enable or disable a host',
    method: 'PUT',
    path: '/os-hosts/:host',
    policy: 'volume_extension:hosts',
    status: 200,
    params: HostParams,
    body: Type.Object({ status: Type.String() }),
    handle: async (kit, { params: { host }, body }) => {
      const status = body.status.trim().toLowerCase();
      if (status !== 'enable' && status !== 'disable') throw badRequest(`Invalid status: '${status}'`);
      const services = await listServices(kit.db.query, { host });
      if (services.length === 0) throw notFound(`Host ${host} could not be found.`);
      const disabled = status === 'disable';
      for (const { num } of services)
        await changeService(kit.db.query, num, { disabled, disabledReason: null }, kit.now());
      return { host, status: disabled ? 'disabled' : 'enabled' };
    },
  }),
];
