/** Pages of things, by the kind that events and journals call them. */
const pages: Readonly<Record<string, (id: string) => string>> = {
  server: (id) => `/instances/${id}`,
  image: (id) => `/images/${id}`,
  volume: (id) => `/volumes/${id}`,
  network: (id) => `/networks/${id}`,
  router: (id) => `/routers/${id}`,
  security_group: (id) => `/security-groups/${id}`,
  project: (id) => `/admin/projects/${id}`,
  user: (id) => `/admin/users/${id}`,
  snapshot: () => '/snapshots',
  backup: () => '/backups',
  keypair: () => '/keypairs',
  server_group: () => '/server-groups',
  flavor: () => '/admin/flavors',
  aggregate: () => '/admin/aggregates',
  compute_service: () => '/admin/services',
  volume_service: () => '/admin/services',
  agent: () => '/admin/services',
  role: () => '/admin/roles',
  floatingip: () => '/floating-ips',
};

/** Where a thing is shown; null where nothing shows it. */
export const resourcePath = (kind: string, id: string): string | null =>
  Object.hasOwn(pages, kind) ? (pages[kind]?.(encodeURIComponent(id)) ?? null) : null;
