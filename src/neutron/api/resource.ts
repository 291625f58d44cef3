import type { Kind } from './kinds.ts';

/**
 * One attribute of a resource. `D` is what stands in a new resource when the caller says nothing: the default's type, or
 * undefined when the service decides.
 */
export interface Attribute<T, D = T | undefined> {
  readonly kind: Kind<T>;
  readonly post: boolean;
  readonly put: boolean;
  readonly required: boolean;
  readonly default?: D;
  /** Has policies of its own: `create_network:shared`, `get_port:binding:host_id`. */
  readonly guarded: readonly Action[];
  /** Whether lists can be filtered and sorted by it. */
  readonly listed: boolean;
}
export type Action = 'create' | 'update' | 'get';

interface Settings {
  readonly put?: boolean;
  readonly guarded?: readonly Action[];
  readonly listed?: boolean;
}

const base = (settings: Settings) => ({
  put: settings.put ?? true,
  required: false,
  guarded: settings.guarded ?? [],
  listed: settings.listed ?? true,
});

/** May be given; the default stands otherwise. */
export const withDefault = <T>(kind: Kind<T>, value: T, settings: Settings = {}): Attribute<T, T> => ({
  kind,
  post: true,
  ...base(settings),
  default: value,
});
/** May be given; the service decides otherwise. */
export const optional = <T>(kind: Kind<T>, settings: Settings = {}): Attribute<T, undefined> => ({
  kind,
  post: true,
  ...base(settings),
});
/** Must be given at creation. */
export const required = <T>(kind: Kind<T>, settings: Settings = {}): Attribute<T, T> => ({
  kind,
  post: true,
  ...base(settings),
  required: true,
});
/** Only in answers. */
export const readOnly = <T>(kind: Kind<T>, settings: Settings = {}): Attribute<T, undefined> => ({
  kind,
  ...base(settings),
  post: false,
  put: false,
});

export type AttributeTable = Readonly<Record<string, Attribute<never, unknown>>>;

/** A new resource as its service sees it: validated, defaults filled in. */
export type CreateOf<A> = { readonly [K in keyof A]: A[K] extends Attribute<infer T, infer D> ? T | D : never } & {
  readonly project_id: string;
};
/** The attributes that an update changes. */
export type UpdateOf<A> = { readonly [K in keyof A]?: A[K] extends Attribute<infer T, unknown> ? T : never };

export interface Resource<A> {
  /** `security_group`: the key of one in bodies, and the name in policies and notifications. */
  readonly singular: string;
  /** `security_groups` */
  readonly plural: string;
  /** `/security-groups` */
  readonly path: string;
  readonly attributes: A;
  /** Whether a POST may bring a list. */
  readonly bulk: boolean;
  /** Tags, revision number and times. */
  readonly standard: boolean;
  /** Only administrators see any: everybody else's list is empty, as Neutron filters what a policy hides. */
  readonly hidden?: boolean;
}

export const resource = <const A>(declaration: Resource<A>): Resource<A> => declaration;

/** The table's attributes without their types, for code that treats all alike. */
export const attributesOf = (declared: Resource<unknown>): Readonly<Record<string, Attribute<unknown, unknown>>> =>
  declared.attributes as Readonly<Record<string, Attribute<unknown, unknown>>>;

/** A resource as it is answered. */
export type View = Readonly<Record<string, unknown>>;
