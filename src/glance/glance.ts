import type { Enforcer } from '#common/auth/policy.ts';
import type { Clock } from '#common/clock.ts';
import type { Ids } from '#common/ids.ts';
import type { Database } from '#common/db/database.ts';
import type { DataService } from './images/data-service.ts';
import type { ImportService } from './images/import-service.ts';
import type { ListLimits } from './images/list-v2.ts';
import type { ImageService } from './images/service.ts';
import type { MemberService } from './members/service.ts';
import type { MetadefService } from './metadefs/service.ts';
import type { Stores } from './stores/stores.ts';
import type { GlanceTables } from './tables.ts';

/** What glance-api's routes work with. */
export interface Glance {
  readonly images: ImageService;
  readonly data: DataService;
  readonly members: MemberService;
  readonly stores: Stores;
  readonly imports: ImportService;
  readonly metadefs: MetadefService;
  /** For tasks, which have no rules of their own. */
  readonly db: Database<GlanceTables>;
  readonly enforcer: Enforcer;
  readonly limits: ListLimits;
  readonly clock: Clock;
  readonly ids: Ids;
}
