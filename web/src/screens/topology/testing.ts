import type { Server } from '#api/compute/servers.ts';
import type { Network, Port, Router } from '#api/network/networks.ts';
import type { Cloud } from './graph.ts';

/** Things of a small cloud, for tests. */
export const network = (name: string, external = false): Network => ({
  id: name,
  name,
  status: 'ACTIVE',
  admin_state_up: true,
  shared: false,
  tenant_id: 'p1',
  subnets: [],
  'router:external': external,
});
export const router = (name: string, gateway: string | null): Router => ({
  id: name,
  name,
  status: 'ACTIVE',
  admin_state_up: true,
  tenant_id: 'p1',
  external_gateway_info: gateway === null ? null : { network_id: gateway },
});
export const port = (device: string, owner: string, on: string, address: string): Port => ({
  id: `${device}@${on}`,
  name: '',
  network_id: on,
  tenant_id: 'p1',
  mac_address: '',
  status: 'ACTIVE',
  admin_state_up: true,
  device_id: device,
  device_owner: owner,
  fixed_ips: [{ subnet_id: on, ip_address: address }],
  security_groups: [],
});
export const leg = (routerName: string, on: string): Port =>
  port(routerName, 'network:router_interface', on, '10.0.0.1');
export const plug = (guestName: string, on: string): Port => port(guestName, 'compute:nova', on, `10.0.0.5`);
export const guest = (name: string, status = 'ACTIVE'): Server => ({
  id: name,
  name,
  description: null,
  status,
  tenant_id: 'p1',
  user_id: 'u1',
  created: '',
  updated: '',
  hostId: '',
  image: '',
  flavor: { original_name: 'm1.tiny', vcpus: 1, ram: 512, disk: 1, ephemeral: 0, swap: 0 },
  addresses: {},
  metadata: {},
  key_name: null,
  config_drive: '',
  locked: false,
  'OS-EXT-STS:vm_state': 'active',
  'OS-EXT-STS:task_state': null,
  'OS-EXT-STS:power_state': 1,
  'OS-EXT-AZ:availability_zone': 'nova',
  'OS-SRV-USG:launched_at': null,
  'os-extended-volumes:volumes_attached': [],
});
export const cloud = (some: Partial<Cloud>): Cloud => ({
  networks: [],
  subnets: [],
  ports: [],
  routers: [],
  floating: [],
  guests: [],
  ...some,
});
