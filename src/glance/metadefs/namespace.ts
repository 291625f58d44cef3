/** A named collection of metadata definitions, as it is kept. */
export interface Namespace {
  readonly id: number;
  readonly name: string;
  readonly displayName: string | null;
  readonly description: string | null;
  readonly visibility: 'public' | 'private';
  /** Neither the namespace nor anything in it can be deleted. */
  readonly protected: boolean;
  /** Project. */
  readonly owner: string;
  /** `YYYY-MM-DDThh:mm:ss.ffffff`, as are all times here. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

export type NamespaceSettings = Omit<Namespace, 'id' | 'createdAt' | 'updatedAt'>;

/** What a namespace holds. */
export type DefinitionKind = 'object' | 'property' | 'tag';

/** An object, property or tag. */
export interface Definition {
  readonly name: string;
  /** Everything but the name, in the words of the API. Empty for tags. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** That a namespace describes resources of a type. */
export interface Association {
  /** The resource type: `OS::Nova::Flavor`. */
  readonly name: string;
  /** Stands before the names of the namespace's properties when they are set on such a resource. */
  readonly prefix: string | null;
  readonly propertiesTarget: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Which namespaces a list has. */
export interface NamespaceQuery {
  /** Public ones and this project's; null: everything. */
  readonly projectId: string | null;
  readonly visibility?: 'public' | 'private' | undefined;
  /** Associated with one of these. */
  readonly resourceTypes?: readonly string[] | undefined;
  readonly sort: { readonly column: 'namespace' | 'created_at' | 'updated_at'; readonly direction: 'asc' | 'desc' };
  /** Name of the namespace after which the page begins. */
  readonly marker?: string | undefined;
  readonly limit: number;
}
