import { Type } from '@sinclair/typebox';
import { notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { fromRemote } from '../api/errors.ts';
import type { Kit } from '../api/kit.ts';
import { one, queryFlag } from '../api/paging.ts';
import { AnyQuery } from '../api/schemas.ts';
import type { BackendReport } from '../rpc.ts';
import { requestedType } from '../types/choose.ts';

const route = routesFor<Kit>();

/** `peer1@nfs1#nfs1` */
const poolName = ({ host, backendName }: BackendReport): string =>
  host.includes('#') ? host : `${host}#${backendName}`;

const capabilities = (report: BackendReport, kit: Kit) => ({
  volume_backend_name: report.backendName,
  vendor_name: report.stats.vendorName,
  driver_version: report.stats.driverVersion,
  storage_protocol: report.stats.storageProtocol,
  total_capacity_gb: report.stats.totalGb ?? 'infinite',
  free_capacity_gb: report.stats.freeGb ?? 'infinite',
  reserved_percentage: 0,
  QoS_support: false,
  sparse_copy_volume: report.stats.thin,
  provisioned_capacity_gb: report.allocatedGb,
  max_over_subscription_ratio: kit.conf.DEFAULT.max_over_subscription_ratio,
  thin_provisioning_support: report.stats.thin,
  thick_provisioning_support: !report.stats.thin,
  allocated_capacity_gb: report.allocatedGb,
  filter_function: null,
  goodness_function: null,
  timestamp: kit.now(),
});

/** What the scheduler knows of back ends. @throws ApiError 503 when none answers */
const reports = async (kit: Kit): Promise<readonly BackendReport[]> => {
  const { pools } = await kit.schedulerDaemon.call('pools', {}).catch((error: unknown) => {
    throw fromRemote(error);
  });
  return pools;
};

export const poolRoutes = [
  route({
    id: 'pools.list',
    summary: 'List storage pools',
    method: 'GET',
    path: '/scheduler-stats/get_pools',
    versions: { apis: ['v2', 'v3'] },
    policy: 'scheduler_extension:scheduler_stats:get_pools',
    status: 200,
    query: AnyQuery,
    handle: async (kit, { query, version, ctx }) => {
      const name = version.atLeast('3.28') ? one(query['name']) : undefined;
      const typeName = version.atLeast('3.35') ? one(query['volume_type']) : undefined;
      const type = typeName === undefined ? null : await requestedType(kit.db.query, ctx, typeName);
      const wanted = type?.extraSpecs['volume_backend_name'];
      const pools = (await reports(kit)).filter(
        (report) =>
          (name === undefined || poolName(report) === name) && (wanted === undefined || report.backendName === wanted),
      );
      const detail = queryFlag(query, 'detail');
      return {
        pools: pools.map((report) => ({
          name: poolName(report),
          ...(detail && { capabilities: capabilities(report, kit) }),
        })),
      };
    },
  }),
  route({
    id: 'capabilities.show',
    summary: 'Show what a back end can do',
    method: 'GET',
    path: '/capabilities/:host',
    versions: { apis: ['v2', 'v3'] },
    policy: 'volume_extension:capabilities',
    status: 200,
    params: Type.Object({ host: Type.String() }),
    handle: async (kit, { params: { host } }) => {
      const service = await kit.directory.backend(host);
      const report = service?.report;
      if (!service || !report) throw notFound(`Can't find service: ${host}`);
      return {
        namespace: `OS::Storage::Capabilities::${service.host}`,
        vendor_name: report.stats.vendorName,
        volume_backend_name: report.backendName,
        pool_name: null,
        driver_version: report.stats.driverVersion,
        storage_protocol: report.stats.storageProtocol,
        display_name: null,
        description: null,
        visibility: null,
        replication_targets: [],
        properties: {
          thin_provisioning: {
            title: 'Thin Provisioning',
            description: 'Sets thin provisioning.',
            type: 'boolean',
          },
          compression: { title: 'Compression', description: 'Enables compression.', type: 'boolean' },
          qos: { title: 'QoS', description: 'Enables QoS.', type: 'boolean' },
          replication_enabled: { title: 'Replication', description: 'Enables replication.', type: 'boolean' },
        },
      };
    },
  }),
  route({
    id: 'clusters.list',
    summary: 'List clusters of cinder-volume: there are none',
    method: 'GET',
    path: '/clusters',
    versions: { min: '3.7' },
    policy: 'clusters:get_all',
    status: 200,
    query: AnyQuery,
    handle: () => ({ clusters: [] }),
  }),
  route({
    id: 'zones.list',
    summary: 'List availability zones',
    method: 'GET',
    path: '/os-availability-zone',
    policy: 'volume:availability_zone_list',
    status: 200,
    handle: async ({ directory }) => ({
      availabilityZoneInfo: [...(await directory.zones())].map(([zoneName, available]) => ({
        zoneName,
        zoneState: { available },
      })),
    }),
  }),
];
