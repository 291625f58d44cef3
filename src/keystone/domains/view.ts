import type { Project } from '../projects/model.ts';

/** @param host `http://host:port` */
export const domainView = (domain: Project, host: string) => ({
  ...domain.extra,
  id: domain.id,
  name: domain.name,
  description: domain.description,
  enabled: domain.enabled,
  tags: [...domain.tags],
  options: domain.options,
  links: { self: `${host}/v3/domains/${domain.id}` },
});
