import type { Extra } from '../api/extra.ts';

/** A project, or a domain (`isDomain`, whose `domainId` is null). */
export interface Project {
  readonly id: string;
  readonly name: string;
  readonly domainId: string | null;
  readonly parentId: string | null;
  readonly isDomain: boolean;
  readonly description: string | null;
  readonly enabled: boolean;
  readonly tags: readonly string[];
  readonly options: Extra;
  readonly extra: Extra;
}

export interface ProjectFilter {
  readonly name?: string | undefined;
  readonly domainId?: string | undefined;
  readonly parentId?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly isDomain?: boolean | undefined;
  /** Has all of these. */
  readonly tags?: readonly string[] | undefined;
  readonly anyTags?: readonly string[] | undefined;
  readonly notTags?: readonly string[] | undefined;
  readonly notAnyTags?: readonly string[] | undefined;
  readonly ids?: readonly string[] | undefined;
}

export interface NewProject {
  readonly name: string;
  readonly domainId?: string | undefined;
  readonly parentId?: string | null | undefined;
  readonly isDomain?: boolean | undefined;
  readonly description?: string | null | undefined;
  readonly enabled?: boolean | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly options?: Extra | undefined;
  readonly extra?: Extra | undefined;
  /** Only for domains that are made with an id of their own, and for setting up. */
  readonly id?: string | undefined;
}

export type ProjectPatch = Partial<
  Pick<
    Project,
    'name' | 'domainId' | 'parentId' | 'isDomain' | 'description' | 'enabled' | 'tags' | 'options' | 'extra'
  >
>;
