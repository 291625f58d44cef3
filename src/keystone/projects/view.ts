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

/** v2.0's name for it is a tenant. */
export const tenantView = (project: Project) => ({
  ...project.extra,
  description: project.description,
  enabled: project.enabled,
  id: project.id,
  name: project.name,
});
