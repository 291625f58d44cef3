import { request } from '../client.ts';

/** A property that images may have, as the metadata definitions describe it. */
export interface KnownProperty {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Empty: any. */
  readonly values: readonly string[];
}

interface Definition {
  readonly title?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly items?: { readonly enum?: readonly unknown[] };
}
interface Namespace {
  readonly namespace: string;
  readonly properties?: Readonly<Record<string, Definition>>;
  readonly resource_type_associations?: readonly { readonly name: string; readonly prefix?: string }[];
}

/** What the loaded definitions say of a type of resource: `OS::Glance::Image`, `OS::Nova::Flavor`. */
export async function knownProperties(type: string, signal?: AbortSignal): Promise<readonly KnownProperty[]> {
  const query = `resource_types=${encodeURIComponent(type)}&limit=100`;
  const { namespaces } = await request<{ namespaces: Namespace[] }>('image', `/metadefs/namespaces?${query}`, {
    signal,
  });
  const whole = await Promise.all(
    namespaces.map(({ namespace }) =>
      request<Namespace>('image', `/metadefs/namespaces/${encodeURIComponent(namespace)}`, { signal }),
    ),
  );
  return whole.flatMap(({ properties = {}, resource_type_associations: types = [] }) => {
    const prefix = types.find(({ name }) => name === type)?.prefix ?? '';
    return Object.entries(properties).map(([name, { title, description, enum: values, items }]) => ({
      name: prefix + name,
      title: title ?? name,
      description: description ?? '',
      values: (values ?? items?.enum ?? []).map(String),
    }));
  });
}
