import type { Limits } from '../../../api/usage/quota-rules.ts';

/** What a project can have that is counted, with where administrators see it. */
export const contentKinds = [
  { kind: 'instances', service: 'compute', list: '/admin/instances' },
  { kind: 'volumes', service: 'volume', list: '/admin/volumes' },
  { kind: 'snapshots', service: 'volume', list: null },
  { kind: 'backups', service: 'volume', list: null },
  { kind: 'images', service: 'image', list: '/admin/images' },
  { kind: 'network', service: 'network', list: '/admin/networks' },
  { kind: 'router', service: 'network', list: null },
  { kind: 'floatingip', service: 'network', list: null },
] as const;
export type ContentKind = (typeof contentKinds)[number]['kind'];

export interface Content {
  readonly kind: ContentKind;
  readonly count: number;
  readonly list: string | null;
}

/**
 * Counts by the services' own accounting, which the quotas tell.
 * @param images the project's own; undefined when not known
 */
export function contentsOf(
  limits: Readonly<Partial<Record<'compute' | 'volume' | 'network', Limits>>>,
  images: number | undefined,
): readonly Content[] {
  return contentKinds.flatMap(({ kind, service, list }) => {
    const count = service === 'image' ? images : limits[service]?.[kind]?.used;
    return count === undefined ? [] : [{ kind, count, list }];
  });
}
