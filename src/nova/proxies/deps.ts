import type { ImageClient } from '#clients/image.ts';
import type { NetworkClient } from '#clients/network.ts';
import type { VolumeClient } from '#clients/volume.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Database } from '#common/db/database.ts';
import type { NetworkRefresher } from '../networks/refresh.ts';
import type { Quotas } from '../quotas/quotas.ts';
import type { NovaTables } from '../tables.ts';

/** What Nova passes on for clients of Icehouse's days (until 2.35): images to Glance, networks to Neutron, volumes to Cinder. */
export interface ProxyDeps {
  readonly db: Database<NovaTables>;
  readonly imageAs: (ctx: RequestContext) => ImageClient;
  readonly networkAs: (ctx: RequestContext) => NetworkClient;
  readonly volumeAs: (ctx: RequestContext) => VolumeClient;
  readonly refresher: NetworkRefresher;
  /** `http://controller:9292`, for links */
  readonly glanceUrl: string;
  readonly maxLimit: number;
  readonly quotas: Quotas;
}

/** The last microversion that has the proxies. */
export const proxied = { max: '2.35' } as const;
