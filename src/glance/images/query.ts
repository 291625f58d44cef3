import type { Visibility } from './image.ts';

export const sortColumns = [
  'name',
  'status',
  'container_format',
  'disk_format',
  'size',
  'id',
  'created_at',
  'updated_at',
] as const;
export type SortColumn = (typeof sortColumns)[number];

export interface SortBy {
  readonly column: SortColumn;
  readonly direction: 'asc' | 'desc';
}

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** One condition on a column. */
export interface ColumnFilter {
  readonly column: string;
  readonly comparison: Comparison | 'in';
  readonly value: string | number | null | readonly string[];
}

/** Which images a caller gets to see in a list. */
export type Scope =
  | { readonly kind: 'all'; readonly visibility?: Visibility | undefined }
  | {
      readonly kind: 'project';
      readonly projectId: string | null;
      /** `all` adds what other projects give to the community. */
      readonly visibility?: Visibility | 'all' | undefined;
      /** Which answers to a sharing count; `all` for any. */
      readonly memberStatus: string;
    };

/** A list of images. */
export interface ImageQuery {
  readonly scope: Scope;
  readonly filters: readonly ColumnFilter[];
  readonly properties: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** Ends with a unique column. */
  readonly sort: readonly SortBy[];
  /** Id of the image after which the page begins. */
  readonly marker?: string | undefined;
  readonly limit: number;
  /** Deleted images too: for administrators and for `changes-since`. */
  readonly deleted: 'no' | 'only' | 'also';
}
