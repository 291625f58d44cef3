import { request } from '../client.ts';
import type { Router } from './networks.ts';
import { networkUrl, writes, type NetworkCall } from './writes.ts';

export interface Route {
  readonly destination: string;
  readonly nexthop: string;
}
export interface Gateway {
  readonly network_id: string;
  /** Administrators only, as `external_fixed_ips`. */
  readonly enable_snat?: boolean;
  readonly external_fixed_ips?: readonly { readonly ip_address: string }[];
}
export interface NewRouter {
  readonly name: string;
  readonly description?: string;
  readonly admin_state_up?: boolean;
  readonly external_gateway_info?: Gateway;
  readonly tenant_id?: string;
}
export interface RouterChange {
  readonly name?: string;
  readonly description?: string;
  readonly admin_state_up?: boolean;
  /** Null clears it. */
  readonly external_gateway_info?: Gateway | null;
  /** All of them: others are removed. */
  readonly routes?: readonly Route[];
}

export const routerWrites = writes<Router, NewRouter, RouterChange>('router', 'routers');

/** A subnet (the router takes its gateway address), or a port of one's own with the address wanted. */
export type Interface = { readonly subnet_id: string } | { readonly port_id: string };

const interfacePath = (router: string, verb: 'add' | 'remove'): string => `/routers/${router}/${verb}_router_interface`;

/** @throws ApiFault 400 when subnets overlap or the subnet has no gateway, 409 when the address is taken */
export const addInterface = (router: string, end: Interface): Promise<void> =>
  request('network', interfacePath(router, 'add'), { method: 'PUT', body: end });
export const addInterfaceCall = (router: string, end: Interface): NetworkCall => ({
  method: 'PUT',
  url: networkUrl(interfacePath(router, 'add')),
  body: end,
});

/** @throws ApiFault 409 when a floating IP or a static route needs it */
export const removeInterface = (router: string, end: Interface): Promise<void> =>
  request('network', interfacePath(router, 'remove'), { method: 'PUT', body: end });
