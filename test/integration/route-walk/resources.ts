import { eventually } from '../../fixtures/cloud.ts';
import type { Walker } from './identities.ts';

export type ServiceName = 'keystone' | 'glance' | 'nova' | 'neutron' | 'cinder' | 'events';
/** A JSON request as somebody. @throws Error when it is refused */
export type Ask = (
  service: ServiceName,
  method: string,
  path: string,
  body?: unknown,
) => Promise<Record<string, unknown>>;

/** What a member has: the ids that stand for the parameters of paths, by what comes before them. */
export interface Resources {
  readonly ids: ReadonlyMap<string, string>;
  /** Those that nobody else may see. */
  readonly own: ReadonlySet<string>;
}

/** Room for as many of everything as the walk makes. */
async function raiseQuotas(admin: Ask, projectId: string): Promise<void> {
  const all = (...names: string[]): Record<string, number> => Object.fromEntries(names.map((name) => [name, -1]));
  await admin('cinder', 'PUT', `/v3/os-quota-sets/${projectId}`, {
    quota_set: all('volumes', 'snapshots', 'gigabytes'),
  });
  await admin('nova', 'PUT', `/v2.1/os-quota-sets/${projectId}`, {
    quota_set: all('instances', 'cores', 'ram', 'server_groups', 'key_pairs'),
  });
  await admin('neutron', 'PUT', `/v2.0/quotas/${projectId}`, {
    quota: all('network', 'subnet', 'port', 'router', 'floatingip', 'security_group', 'security_group_rule'),
  });
}

/** Makes one of each kind of resource, called `name`, as the member or (where only they may) as an administrator. */
export async function makeResources(member: Ask, admin: Ask, who: Walker, name: string): Promise<Resources> {
  await raiseQuotas(admin, who.projectId);
  const found = new Map<string, string>();
  const own = new Set<string>();
  /** Makes a resource and remembers its id under the names that paths use. */
  const make = async (
    ask: Ask,
    service: ServiceName,
    path: string,
    body: Record<string, unknown>,
    ...names: string[]
  ): Promise<string> => {
    const answer = await ask(service, 'POST', path, body);
    const resource = (Object.keys(body).map((key) => answer[key])[0] ?? answer) as Record<string, unknown>;
    const id = String(resource['id'] ?? resource['name']);
    for (const name of names) found.set(name, id);
    if (ask === member && id !== name) own.add(id);
    return id;
  };
  const first = async (ask: Ask, service: ServiceName, path: string, key: string): Promise<string> => {
    const list = (await ask(service, 'GET', path))[key] as { id: string }[];
    return list[0]?.id ?? '';
  };

  const network = await make(
    member,
    'neutron',
    '/v2.0/networks',
    { network: { name } },
    'networks',
    'os-networks',
    'os-tenant-networks',
    'network-ip-availabilities',
  );
  const subnet = await make(
    member,
    'neutron',
    '/v2.0/subnets',
    { subnet: { network_id: network, cidr: '10.77.0.0/24', ip_version: 4 } },
    'subnets',
  );
  const port = await make(member, 'neutron', '/v2.0/ports', { port: { network_id: network } }, 'ports', 'os-interface');
  const router = await make(member, 'neutron', '/v2.0/routers', { router: { name } }, 'routers');
  await member('neutron', 'PUT', `/v2.0/routers/${router}/add_router_interface`, { subnet_id: subnet });
  const group = await make(
    member,
    'neutron',
    '/v2.0/security-groups',
    { security_group: { name } },
    'security-groups',
    'os-security-groups',
  );
  await make(
    member,
    'neutron',
    '/v2.0/security-group-rules',
    {
      security_group_rule: {
        security_group_id: group,
        direction: 'ingress',
        protocol: 'tcp',
        port_range_min: 22,
        port_range_max: 22,
      },
    },
    'security-group-rules',
    'os-security-group-rules',
  );
  const external = await first(admin, 'neutron', '/v2.0/networks?router:external=True', 'networks');
  await member('neutron', 'PUT', `/v2.0/routers/${router}`, {
    router: { external_gateway_info: { network_id: external } },
  });
  await make(
    member,
    'neutron',
    '/v2.0/floatingips',
    { floatingip: { floating_network_id: external } },
    'floatingips',
    'os-floating-ips',
  );

  const image = await make(
    member,
    'glance',
    '/v2/images',
    { name, disk_format: 'raw', container_format: 'bare', visibility: 'shared' },
    'images',
  );
  await member('glance', 'POST', `/v2/images/${image}/members`, { member: who.projectId }).catch(() => undefined);
  for (const kind of ['members', 'shared-images']) found.set(kind, who.projectId);

  const bootable = await first(admin, 'glance', '/v2/images?visibility=public', 'images');
  const flavor = await make(
    admin,
    'nova',
    '/v2.1/flavors',
    { flavor: { name, ram: 64, vcpus: 1, disk: 1 } },
    'flavors',
  );
  const server = await make(
    member,
    'nova',
    '/v2.1/servers',
    {
      server: { name, imageRef: bootable, flavorRef: flavor, networks: [{ uuid: network }], metadata: { k: 'v' } },
    },
    'servers',
  );
  await member('nova', 'POST', '/v2.1/os-keypairs', { keypair: { name } });
  found.set('os-keypairs', name);
  await make(
    member,
    'nova',
    '/v2.1/os-server-groups',
    { server_group: { name, policies: ['affinity'] } },
    'os-server-groups',
  );
  const aggregate = await make(
    admin,
    'nova',
    '/v2.1/os-aggregates',
    { aggregate: { name, availability_zone: `${name}-zone` } },
    'os-aggregates',
  );
  found.set('os-aggregates', aggregate);
  found.set('os-hypervisors', await first(admin, 'nova', '/v2.1/os-hypervisors', 'hypervisors'));
  found.set('os-services', await first(admin, 'nova', '/v2.1/os-services', 'services'));
  await makeVolumes(member, admin, make, name);
  for (const [service, path] of [
    ['nova', '/v2.1/os-operations?limit=1'],
    ['cinder', '/v3/os-operations?limit=1'],
  ] as const) {
    const operation = await first(member, service, path, 'operations');
    found.set(`${service} os-operations`, operation);
    own.add(operation);
  }
  await makeIdentities(member, admin, make, who, name);
  for (const kind of ['os-quota-sets', 'os-simple-tenant-usage', 'quotas', 'projects']) found.set(kind, who.projectId);
  found.set('users', who.userId);
  found.set('device', server);
  found.set('port', port);
  return { ids: found, own };
}

type Make = (
  ask: Ask,
  service: ServiceName,
  path: string,
  body: Record<string, unknown>,
  ...names: string[]
) => Promise<string>;

async function makeVolumes(member: Ask, admin: Ask, make: Make, name: string): Promise<void> {
  const create = (names: string[]): Promise<string> =>
    make(member, 'cinder', '/v3/volumes', { volume: { size: 1, name, metadata: { k: 'v' } } }, ...names);
  const volume = await create(['volumes', 'os-volumes', 'os-volume_attachments']);
  const handed = await create([]);
  await eventually(`volume ${handed} is available`, async () => {
    const answer = (await member('cinder', 'GET', `/v3/volumes/${handed}`)) as { volume: { status: string } };
    return answer.volume.status === 'available';
  });
  await make(
    member,
    'cinder',
    '/v3/snapshots',
    { snapshot: { volume_id: volume, name, force: true } },
    'snapshots',
    'os-snapshots',
  );
  await make(
    member,
    'cinder',
    '/v3/os-volume-transfer',
    { transfer: { volume_id: handed, name } },
    'os-volume-transfer',
    'volume-transfers',
  );
  await make(
    admin,
    'cinder',
    '/v3/types',
    { volume_type: { name, extra_specs: { k: 'v' } } },
    'types',
    'default-types',
  );
  await make(admin, 'cinder', '/v3/qos-specs', { qos_specs: { name } }, 'qos-specs');
}

async function makeIdentities(member: Ask, admin: Ask, make: Make, who: Walker, name: string): Promise<void> {
  await make(admin, 'keystone', '/v3/roles', { role: { name } }, 'roles');
  await make(admin, 'keystone', '/v3/roles', { role: { name: `${name}-implied` } }, 'implies');
  await make(admin, 'keystone', '/v3/domains', { domain: { name } }, 'domains');
  await make(admin, 'keystone', '/v3/groups', { group: { name } }, 'groups');
  const service = await make(admin, 'keystone', '/v3/services', { service: { type: name, name } }, 'services');
  const url = 'http://127.0.0.1:9/';
  await make(
    admin,
    'keystone',
    '/v3/endpoints',
    { endpoint: { service_id: service, interface: 'public', url } },
    'endpoints',
  );
  await make(admin, 'keystone', '/v3/regions', { region: { id: name } }, 'regions');
  await make(admin, 'keystone', '/v3/policies', { policy: { blob: '{}', type: 'application/json' } }, 'policies');
  const credential = { blob: 'x', type: 'walk', user_id: who.userId, project_id: who.projectId };
  await make(member, 'keystone', '/v3/credentials', { credential }, 'credentials');
  await make(
    member,
    'keystone',
    `/v3/users/${who.userId}/application_credentials`,
    { application_credential: { name } },
    'application_credentials',
  );
  const trust = {
    trustor_user_id: who.userId,
    trustee_user_id: who.userId,
    project_id: who.projectId,
    impersonation: false,
    roles: [{ name: 'member' }],
  };
  await make(member, 'keystone', '/v3/OS-TRUST/trusts', { trust }, 'trusts');
}

/** Members of a collection whose ids the walk does not make: any value will do. */
const plain: Readonly<Record<string, string>> = {
  metadata: 'k',
  tags: 'walk',
  config: 'identity',
  identity: 'driver',
  extra_specs: 'k',
  'os-extra_specs': 'k',
  ips: 'walk',
  extensions: 'os-keypairs',
  'os-quota-class-sets': 'default',
};

const nothing = '99999999-9999-4999-8999-999999999999';

/** A path with the walker's own project, and the member's resources, in the places of its parameters. */
export function fillPath(path: string, service: ServiceName, { ids }: Resources, walker: Walker): string {
  const parts = path.split('/');
  return parts
    .map((part, index) => {
      if (!part.startsWith('{')) return part;
      const before = parts[index - 1] ?? '';
      if (part === '{project_id}' && /^v[123]/.test(before)) return walker.projectId;
      if (service === 'nova' && before === 'images') return ids.get('images') ?? nothing;
      return plain[before] ?? ids.get(`${service} ${before}`) ?? ids.get(before) ?? nothing;
    })
    .join('/');
}
