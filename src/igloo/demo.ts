import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Session } from '#common/auth/session.ts';
import type { ExternalNetwork } from './external-network.ts';
import type { RestClient } from '#clients/rest.ts';
import { restOf } from './rest.ts';

export interface DemoDeps {
  readonly admin: Session;
  readonly demo: Session;
  readonly external: ExternalNetwork;
  /** Subnet of demo-net. */
  readonly tenantCidr: string;
}

interface Named {
  readonly id: string;
}

/**
 * What a person needs to begin, as in the manual's section 4.5: ext-net with ext-subnet, demo-net with demo-subnet, and
 * demo-router between them. Every piece is looked for first, so an interrupted first start is finished by the next.
 */
export async function makeDemoNetworks({ admin, demo, external, tenantCidr }: DemoDeps): Promise<void> {
  const asAdmin = await restOf(admin, 'network');
  const asDemo = await restOf(demo, 'network');
  const project = await demo.projectId();

  const extNet = await ensure(asAdmin, 'network', { name: 'ext-net', shared: true, 'router:external': true });
  await ensure(asAdmin, 'subnet', {
    name: 'ext-subnet',
    network_id: extNet.id,
    ip_version: 4,
    cidr: external.cidr,
    gateway_ip: external.gateway,
    enable_dhcp: false,
    allocation_pools: [{ start: external.poolStart, end: external.poolEnd }],
  });
  const demoNet = await ensure(asDemo, 'network', { name: 'demo-net', tenant_id: project });
  const demoSubnet = await ensure(asDemo, 'subnet', {
    name: 'demo-subnet',
    network_id: demoNet.id,
    ip_version: 4,
    cidr: tenantCidr,
    gateway_ip: tenantCidr.replace(/\.0\/24$/, '.1'),
    dns_nameservers: ['9.9.9.9', '1.1.1.1'],
    tenant_id: project,
  });
  const router = await ensure(asDemo, 'router', { name: 'demo-router', tenant_id: project });
  const { ports } = await asDemo.json<{ ports: { fixed_ips: { subnet_id: string }[] }[] }>(
    'GET',
    `/v2.0/ports?device_id=${router.id}`,
  );
  if (!ports.some((port) => port.fixed_ips.some((ip) => ip.subnet_id === demoSubnet.id)))
    await asDemo.json('PUT', `/v2.0/routers/${router.id}/add_router_interface`, { subnet_id: demoSubnet.id });
  await asDemo.json('PUT', `/v2.0/routers/${router.id}`, {
    router: { external_gateway_info: { network_id: extNet.id } },
  });
}

async function ensure(
  rest: RestClient,
  kind: 'network' | 'subnet' | 'router',
  attributes: Readonly<Record<string, unknown>> & { readonly name: string },
): Promise<Named> {
  const owner = typeof attributes['tenant_id'] === 'string' ? `&tenant_id=${attributes['tenant_id']}` : '';
  const found = await rest.json<Record<string, Named[]>>('GET', `/v2.0/${kind}s?name=${attributes.name}${owner}`);
  const [known] = found[`${kind}s`] ?? [];
  if (known) return known;
  const made = await rest.json<Record<string, Named>>('POST', `/v2.0/${kind}s`, { [kind]: attributes });
  return made[kind] as Named;
}

/** Whether the demo image is there and complete. */
export async function hasImage(admin: Session, name: string): Promise<boolean> {
  const { images } = await (
    await restOf(admin, 'image')
  ).json<{ images: { status: string }[] }>('GET', `/v2/images?name=${name}`);
  return images.some((image) => image.status === 'active');
}

/** Uploads a public image; one of that name that was left incomplete by an interrupted start is taken up. */
export async function uploadImage(
  admin: Session,
  name: string,
  path: string,
  diskFormat: 'qcow2' | 'raw',
): Promise<void> {
  const rest = await restOf(admin, 'image');
  const { images } = await rest.json<{ images: { id: string; status: string }[] }>('GET', `/v2/images?name=${name}`);
  const image =
    images.find((one) => one.status === 'queued') ??
    (await rest.json<{ id: string }>('POST', '/v2/images', {
      name,
      visibility: 'public',
      disk_format: diskFormat,
      container_format: 'bare',
      os_distro: 'igloo',
      // Its agent sets passwords when Nova asks it to.
      hw_qemu_guest_agent: 'yes',
      os_admin_user: 'cirros',
    }));
  const base = await admin.endpoint('image');
  const answer = await admin.request({
    method: 'PUT',
    url: `${base.replace(/\/$/, '')}/v2/images/${image.id}/file`,
    headers: { 'content-type': 'application/octet-stream', 'content-length': String((await stat(path)).size) },
    body: createReadStream(path),
    timeoutMs: 300_000,
  });
  if (answer.status !== 204)
    throw new Error(`The image ${name} cannot be uploaded: HTTP ${answer.status}: ${await answer.text()}`);
}
