import type { FloatingIp } from './networks.ts';
import { writes } from './writes.ts';

export interface FloatingIpChange {
  readonly description?: string;
  /** Null: stands for nothing. */
  readonly port_id?: string | null;
  readonly fixed_ip_address?: string;
}
export interface NewFloatingIp extends FloatingIpChange {
  readonly floating_network_id: string;
  /** Administrators only. */
  readonly floating_ip_address?: string;
  readonly tenant_id?: string;
}

export const floatingIpWrites = writes<FloatingIp, NewFloatingIp, FloatingIpChange>('floatingip', 'floatingips');
