import type { Extra } from '../api/extra.ts';

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly domainId: string;
  readonly description: string;
  readonly extra: Extra;
}

export interface GroupFilter {
  readonly name?: string | undefined;
  readonly domainId?: string | undefined;
  readonly userId?: string | undefined;
  readonly ids?: readonly string[] | undefined;
}

export interface NewGroup {
  readonly name: string;
  readonly domainId?: string | undefined;
  readonly description?: string | undefined;
  readonly extra?: Extra | undefined;
}
export type GroupPatch = Partial<Pick<Group, 'name' | 'description' | 'extra'>>;
