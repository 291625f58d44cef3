import type { Group } from './model.ts';

/** @param host `http://host:port` */
export const groupView = (group: Group, host: string) => ({
  ...group.extra,
  id: group.id,
  name: group.name,
  domain_id: group.domainId,
  description: group.description,
  links: { self: `${host}/v3/groups/${group.id}` },
});
