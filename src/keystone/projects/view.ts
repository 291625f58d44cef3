import type { Project } from './model.ts';

/** @param host `http://host:port` */
export const projectView = (project: Project, host: string) => ({
  ...project.extra,
  id: project.id,
  name: project.name,
  domain_id: project.domainId,
  description: project.description,
  enabled: project.enabled,
  parent_id: project.parentId,
  is_domain: project.isDomain,
  tags: [...project.tags],
  options: project.options,
  links: { self: `${host}/v3/projects/${project.id}` },
});

/** Keystone answers a PATCH with the unnamed properties once more, under `extra`. */
export const patchedProjectView = (project: Project, host: string) => ({
  ...projectView(project, host),
  extra: project.extra,
});

/** `{a: {b: null}}`: each id with what is above it. */
export const parentIds = (ids: readonly string[]): NestedIds =>
  ids.reduceRight<NestedIds>((above, id) => ({ [id]: above }), null);

/** Each id with what is below it; null where there is nothing. */
export function subtreeIds(rootId: string, below: readonly Project[]): NestedIds {
  const children = below.filter((one) => one.parentId === rootId);
  if (children.length === 0) return null;
  return Object.fromEntries(children.map((one) => [one.id, subtreeIds(one.id, below)]));
}
export type NestedIds = { readonly [id: string]: NestedIds } | null;

/** v2.0's name for it is a tenant. */
export const tenantView = (project: Project) => ({
  ...project.extra,
  description: project.description,
  enabled: project.enabled,
  id: project.id,
  name: project.name,
});
