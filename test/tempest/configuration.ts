import { restOfAccount } from '../fixtures/account.ts';
import { cloudAt } from '../fixtures/cloud.ts';

type Sections = Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>;

/** What Tempest must know of a cloud: found out by asking it, as `discover-tempest-config` does. */
export async function tempestConfiguration(
  stateDir: string,
  { guests, lockPath }: { readonly guests: 'real' | 'fake'; readonly lockPath: string },
): Promise<string> {
  const cloud = cloudAt(stateDir);
  const environment = await cloud.environment('admin');
  const [compute, network] = await Promise.all([
    restOfAccount(stateDir, 'admin', 'compute'),
    restOfAccount(stateDir, 'admin', 'network'),
  ]);
  const { flavors } = await compute.json<{ flavors: { id: string; name: string; ram: number }[] }>(
    'GET',
    '/flavors/detail?sort_key=memory_mb',
  );
  const [image, other] = await images(cloud);
  const { networks } = await network.json<{ networks: { id: string; name: string }[] }>(
    'GET',
    '/v2.0/networks?router:external=True',
  );
  const { extensions } = await network.json<{ extensions: { alias: string }[] }>('GET', '/v2.0/extensions');
  const volume = await restOfAccount(stateDir, 'admin', 'volumev3');
  const { pools } = await volume.json<{ pools: { capabilities: { vendor_name: string; storage_protocol: string } }[] }>(
    'GET',
    '/scheduler-stats/get_pools?detail=True',
  );
  const [pool] = pools;
  const [small, large] = flavorPair(flavors);
  const keystone = (environment['OS_AUTH_URL'] ?? '').replace(/\/v3\/?$/, '');
  return render({
    DEFAULT: { log_file: 'tempest.log', debug: false },
    oslo_concurrency: { lock_path: lockPath },
    auth: {
      use_dynamic_credentials: true,
      admin_username: 'admin',
      admin_project_name: 'admin',
      admin_password: environment['OS_PASSWORD'] ?? '',
      admin_domain_name: 'Default',
      tempest_roles: 'member',
    },
    identity: { uri_v3: `${keystone}/v3`, auth_version: 'v3', region: 'regionOne', v3_endpoint_type: 'public' },
    'identity-feature-enabled': {
      trust: true,
      project_tags: true,
      application_credentials: true,
      access_rules: true,
      api_v3: true,
      api_v2: false,
    },
    compute: {
      image_ref: image,
      image_ref_alt: other,
      flavor_ref: small,
      flavor_ref_alt: large,
      min_compute_nodes: 1,
      max_microversion: 'latest',
      region: 'regionOne',
      build_timeout: 120,
      // Whole seconds only; a fake guest is there at once.
      build_interval: guests === 'fake' ? 0 : 1,
    },
    'compute-feature-enabled': {
      resize: true,
      pause: true,
      suspend: true,
      shelve: true,
      rescue: true,
      stable_rescue: false,
      snapshot: true,
      interface_attach: true,
      vnc_console: true,
      console_output: guests === 'real',
      cold_migration: false,
      live_migration: false,
      change_password: true,
      xenapi_apis: true,
      metadata_service: false,
      config_drive: true,
      volume_multiattach: true,
      swap_volume: false,
    },
    image: { region: 'regionOne', build_interval: 1, http_image: '' },
    'image-feature-enabled': { api_v2: true, import_image: true, os_glance_reserved: true },
    network: {
      region: 'regionOne',
      public_network_id: networks[0]?.id ?? '',
      floating_network_name: networks[0]?.name ?? '',
      build_interval: 1,
    },
    'network-feature-enabled': {
      api_extensions: extensions.map(({ alias }) => alias).join(','),
      ipv6: true,
      ipv6_subnet_attributes: true,
      port_security: extensions.some(({ alias }) => alias === 'port-security'),
    },
    validation: {
      run_validation: guests === 'real',
      image_ssh_user: 'cirros',
      image_alt_ssh_user: 'cirros',
      ssh_timeout: 60,
      ping_timeout: 60,
    },
    volume: {
      region: 'regionOne',
      build_interval: 1,
      max_microversion: 'latest',
      vendor_name: pool?.capabilities.vendor_name ?? '',
      storage_protocol: pool?.capabilities.storage_protocol ?? '',
    },
    'volume-feature-enabled': { backup: true, snapshot: true, clone: true, extend_attached_volume: true },
    service_available: { cinder: true, neutron: true, glance: true, nova: true, swift: false, horizon: false },
  });
}

/** The machine's test image, and a second one with the same bytes. */
async function images(cloud: ReturnType<typeof cloudAt>): Promise<[string, string]> {
  const found = await cloud.json<{ ID: string; Name: string }[]>('admin', 'image', 'list', '--public');
  const [first] = found.filter(({ Name }) => Name !== 'tempest-alternative');
  if (!first) throw new Error('The cloud has no public image.');
  const second = found.find(({ Name }) => Name === 'tempest-alternative');
  if (second) return [first.ID, second.ID];
  const file = `${cloud.stateDir}/tempest-alternative.img`;
  await cloud.openstack('admin', 'image', 'save', '--file', file, first.ID);
  const { disk_format: format } = await cloud.json<{ disk_format: string }>('admin', 'image', 'show', first.ID);
  const create = ['image', 'create', 'tempest-alternative', '--public', '--file', file, '--disk-format', format];
  const made = await cloud.json<{ id: string }>('admin', ...create);
  return [first.ID, made.id];
}

/** The smallest flavor that the test image fits, and the next one: what resizes go between. */
function flavorPair(flavors: readonly { readonly id: string; readonly ram: number }[]): [string, string] {
  const [small, large] = [...flavors].sort((a, b) => a.ram - b.ram);
  if (!small || !large) throw new Error('The cloud needs two flavors.');
  return [small.id, large.id];
}

const render = (sections: Sections): string =>
  Object.entries(sections)
    .map(
      ([name, options]) =>
        `[${name}]\n${Object.entries(options)
          .map(([key, value]) => `${key} = ${String(value)}\n`)
          .join('')}`,
    )
    .join('\n');
