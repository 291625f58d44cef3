import type { Extra } from '../api/extra.ts';

export interface Region {
  readonly id: string;
  readonly description: string;
  readonly parentId: string | null;
  readonly extra: Extra;
}

/** A service of the cloud, as the catalogue lists it. */
export interface CatalogService {
  readonly id: string;
  readonly type: string;
  readonly name: string | null;
  readonly enabled: boolean;
  readonly description: string | null;
  readonly extra: Extra;
}

export type Interface = 'public' | 'internal' | 'admin';
export const interfaces: readonly Interface[] = ['public', 'internal', 'admin'];

export interface Endpoint {
  readonly id: string;
  /** The v2.0 API's id of the three endpoints (public, internal, admin) that it shows as one. */
  readonly legacyId: string | null;
  readonly interface: Interface;
  readonly regionId: string | null;
  readonly serviceId: string;
  /** With `%(tenant_id)s` or `$(project_id)s` where the caller's project belongs. */
  readonly url: string;
  readonly enabled: boolean;
  readonly extra: Extra;
}

/** One service with its endpoints, URLs filled in for one caller. */
export interface CatalogEntry {
  readonly service: CatalogService;
  readonly endpoints: readonly Endpoint[];
}
