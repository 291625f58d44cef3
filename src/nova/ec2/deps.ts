import type { ImageClient } from '#clients/image.ts';
import type { NetworkClient } from '#clients/network.ts';
import type { RestClient } from '#clients/rest.ts';
import type { VolumeClient } from '#clients/volume.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { Ids } from '#common/ids.ts';
import type { NovaConfig } from '../config.ts';
import type { FlavorService } from '../flavors/service.ts';
import type { HostDirectory } from '../hosts/directory.ts';
import type { KeypairService } from '../keypairs/service.ts';
import type { NetworkRefresher } from '../networks/refresh.ts';
import type { ServerService } from '../servers/service.ts';
import type { NovaTables } from '../tables.ts';
import type { Ec2Params } from './params.ts';
import type { Xml } from './xml.ts';

/** What the EC2 API stands on. */
export interface Ec2Deps {
  readonly db: Database<NovaTables>;
  readonly conf: NovaConfig;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly servers: ServerService;
  readonly flavors: FlavorService;
  readonly keypairs: KeypairService;
  readonly directory: HostDirectory;
  readonly refresher: NetworkRefresher;
  readonly imageAs: (ctx: RequestContext) => ImageClient;
  readonly networkAs: (ctx: RequestContext) => NetworkClient;
  readonly volumeAs: (ctx: RequestContext) => VolumeClient;
  /** The compute API as the caller: what changes servers goes through its own checks, quotas and policies. */
  readonly computeAs: (ctx: RequestContext, version?: string) => RestClient;
}

/** One request that has been authenticated. */
export interface Ec2Call {
  readonly ctx: RequestContext;
  readonly params: Ec2Params;
  readonly requestId: string;
}

/** The body of `<ActionResponse>`. @throws Ec2Error, ApiError */
export type Ec2Action = (deps: Ec2Deps, call: Ec2Call) => Promise<{ readonly [name: string]: Xml | undefined }>;

/** What actions without anything to say answer. */
export const done = { return: true } as const;
