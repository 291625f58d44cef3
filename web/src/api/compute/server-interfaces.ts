import { request } from '../client.ts';
import { beginRequest, type Begun } from './server-actions.ts';

/** What to attach: a port that is there, or a network in which one is made. */
export type InterfaceToAttach =
  | { readonly port_id: string }
  | { readonly net_id: string; readonly fixed_ips?: readonly { readonly ip_address: string }[] };

/** Nova answers when the guest has it. @throws ApiFault */
export const attachInterface = (serverId: string, interfaceAttachment: InterfaceToAttach): Promise<Begun> =>
  beginRequest(`/servers/${serverId}/os-interface`, 'POST', { interfaceAttachment });

/** @throws ApiFault */
export const detachInterface = (serverId: string, portId: string): Promise<Begun> =>
  beginRequest(`/servers/${serverId}/os-interface/${portId}`, 'DELETE');

/** Takes a floating IP from the pool of an external network. @throws ApiFault */
export const allocateFloatingIp = async (networkId: string, portId: string, fixedIp: string): Promise<string> =>
  (
    await request<{ floatingip: { floating_ip_address: string } }>('network', '/floatingips', {
      method: 'POST',
      body: { floatingip: { floating_network_id: networkId, port_id: portId, fixed_ip_address: fixedIp } },
    })
  ).floatingip.floating_ip_address;

/** Leads a floating IP to a port's address. @throws ApiFault */
export const associateFloatingIp = (id: string, portId: string, fixedIp: string): Promise<void> =>
  request('network', `/floatingips/${id}`, {
    method: 'PUT',
    body: { floatingip: { port_id: portId, fixed_ip_address: fixedIp } },
  });

/** It stays the project's. @throws ApiFault */
export const disassociateFloatingIp = (id: string): Promise<void> =>
  request('network', `/floatingips/${id}`, { method: 'PUT', body: { floatingip: { port_id: null } } });

/** The groups of one port. @throws ApiFault */
export const setPortGroups = (portId: string, groups: readonly string[]): Promise<void> =>
  request('network', `/ports/${portId}`, { method: 'PUT', body: { port: { security_groups: groups } } });
