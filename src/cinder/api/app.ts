import { createApp, type AppOptions, type Authenticate, type HttpApp, type MountPoint } from '#common/api/app.ts';
import { cinderFaults } from '#common/api/faults.ts';
import type { AnyRoute } from '#common/api/route.ts';
import { operationRoutes, type OperationRouteDeps } from '#common/operations/routes.ts';
import { attachmentRoutes } from '../attachments/routes.ts';
import type { AttachmentService } from '../attachments/service.ts';
import { backupRoutes } from '../backups/routes.ts';
import type { BackupService } from '../backups/service.ts';
import { groupRoutes } from '../groups/routes.ts';
import type { GroupService } from '../groups/service.ts';
import { groupSnapshotRoutes } from '../groups/snapshots-routes.ts';
import { groupTypeRoutes } from '../groups/types-routes.ts';
import { messageRoutes } from '../messages/routes.ts';
import { qosRoutes } from '../qos/routes.ts';
import { quotaRoutes } from '../quotas/routes.ts';
import { hostRoutes } from '../services/hosts-routes.ts';
import { poolRoutes } from '../services/pools-routes.ts';
import { serviceRoutes } from '../services/routes.ts';
import { snapshotRoutes } from '../snapshots/routes.ts';
import type { SnapshotService } from '../snapshots/service.ts';
import { transferRoutes } from '../transfers/routes.ts';
import type { TransferService } from '../transfers/service.ts';
import { defaultTypeRoutes } from '../types/default-routes.ts';
import { typeEncryptionRoutes } from '../types/encryption-routes.ts';
import { typeRoutes } from '../types/routes.ts';
import type { TypeService } from '../types/service.ts';
import { typeSpecsRoutes } from '../types/specs-routes.ts';
import { manageRoutes } from '../volumes/manage-routes.ts';
import { volumeRoutes } from '../volumes/routes.ts';
import type { VolumeService } from '../volumes/service.ts';
import { extensionRoutes } from './extensions.ts';
import { filterRoutes } from './filters-routes.ts';
import type { Kit } from './kit.ts';
import { metadataRoutes } from './metadata-routes.ts';
import { maxVersion, minVersion, versionListRoutes, versionRoutes, type ApiName } from './versions.ts';

/** Everything that answers on port 8776. */
export interface CinderServices {
  readonly kit: Kit;
  readonly operations: OperationRouteDeps;
  readonly volumes: VolumeService;
  readonly snapshots: SnapshotService;
  readonly attachments: AttachmentService;
  readonly backups: BackupService;
  readonly transfers: TransferService;
  readonly types: TypeService;
  readonly groups: GroupService;
}

const range = { type: 'volume', min: minVersion, max: maxVersion } as const;
/** v3 with and without the project in the path, and Icehouse's v1 and v2. */
const allPoints: readonly (MountPoint & { readonly api: ApiName })[] = [
  { prefix: '/v1/:project_id', api: 'v1', version: '1.0' },
  { prefix: '/v2/:project_id', api: 'v2', version: '2.0' },
  { prefix: '/v3/:project_id', api: 'v3', version: range },
  { prefix: '/v3', api: 'v3', version: range },
];

/** The volume API in the versions that cinder.conf enables. */
export function createVolumeApp(
  services: CinderServices,
  { authenticate }: { readonly authenticate: Authenticate },
  options: Omit<AppOptions, 'name' | 'faults'>,
): HttpApp {
  const { kit } = services;
  const { enforcer } = kit;
  const { enable_v1_api: v1, enable_v2_api: v2, enable_v3_api: v3 } = kit.conf.DEFAULT;
  const served = (['v1', 'v2', 'v3'] as const).filter((name) => ({ v1, v2, v3 })[name]);
  const points = allPoints.filter(({ api }) => served.includes(api));
  const app = createApp({ ...options, name: 'cinder', faults: cinderFaults, strictPaths: true });
  const at = <S>(service: S, routes: readonly AnyRoute<S>[], where: readonly MountPoint[] = points): void =>
    app.mount({ points: where, routes, service, enforcer, authenticate });
  at(served, versionListRoutes, [{ prefix: '', api: 'v3', version: range }]);
  at(
    served,
    versionRoutes,
    served.map((api) => ({ prefix: `/${api}`, api, version: api === 'v3' ? range : `${api.slice(1)}.0` })),
  );
  at(services.volumes, [
    ...volumeRoutes,
    ...manageRoutes,
    ...metadataRoutes<VolumeService>('/volumes', 'volume', {
      get: 'volume:get_volume_metadata',
      create: 'volume:create_volume_metadata',
      update: 'volume:update_volume_metadata',
      delete: 'volume:delete_volume_metadata',
    }),
  ]);
  at(services.snapshots, [
    ...snapshotRoutes,
    ...metadataRoutes<SnapshotService>('/snapshots', 'snapshot', {
      get: 'volume:get_snapshot_metadata',
      create: 'volume:update_snapshot_metadata',
      update: 'volume:update_snapshot_metadata',
      delete: 'volume:delete_snapshot_metadata',
    }),
  ]);
  at(services.attachments, attachmentRoutes);
  at(services.backups, backupRoutes);
  at(services.transfers, transferRoutes);
  at(services.types, [...typeRoutes, ...typeSpecsRoutes, ...typeEncryptionRoutes, ...defaultTypeRoutes]);
  at(services.groups, [...groupRoutes, ...groupSnapshotRoutes]);
  at(kit, [
    ...groupTypeRoutes,
    ...qosRoutes,
    ...quotaRoutes,
    ...serviceRoutes,
    ...hostRoutes,
    ...poolRoutes,
    ...messageRoutes,
  ]);
  at(services.operations, operationRoutes('volume:os-operations'));
  at({}, [...extensionRoutes, ...filterRoutes]);
  return app;
}
