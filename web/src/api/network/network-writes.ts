import type { Network } from './networks.ts';
import { writes } from './writes.ts';

export interface NetworkChange {
  readonly name?: string;
  readonly description?: string;
  readonly admin_state_up?: boolean;
  readonly port_security_enabled?: boolean;
  /** Administrators only, as all below. */
  readonly shared?: boolean;
  readonly 'router:external'?: boolean;
}
export interface NewNetwork extends NetworkChange {
  readonly mtu?: number;
  /** Another project's. */
  readonly tenant_id?: string;
  readonly 'provider:network_type'?: string;
  readonly 'provider:physical_network'?: string;
  readonly 'provider:segmentation_id'?: number;
}

export const networkWrites = writes<Network, NewNetwork, NetworkChange>('network', 'networks');
