import type { Port } from './networks.ts';
import { writes } from './writes.ts';

export interface AddressPair {
  readonly ip_address: string;
  readonly mac_address?: string;
}
export interface PortChange {
  readonly name?: string;
  readonly description?: string;
  readonly admin_state_up?: boolean;
  readonly security_groups?: readonly string[];
  readonly allowed_address_pairs?: readonly AddressPair[];
  /** The network's owner only. */
  readonly port_security_enabled?: boolean;
}
export interface NewPort extends PortChange {
  readonly network_id: string;
  readonly fixed_ips?: readonly { readonly subnet_id: string; readonly ip_address?: string }[];
  readonly mac_address?: string;
  readonly tenant_id?: string;
}

export const portWrites = writes<Port, NewPort, PortChange>('port', 'ports');
