import { randomBytes, randomUUID } from 'node:crypto';

/** Where new identifiers come from; injected, so that tests can foretell them. */
export interface Ids {
  /** `xxxxxxxx-xxxx-4xxx-xxxx-xxxxxxxxxxxx` */
  uuid(): string;
  /** 32 lower-case hex digits: Keystone's ids. */
  hex32(): string;
  /** A MAC address with the prefix fa:16:3e (neutron `base_mac`). */
  mac(): string;
}

export const randomIds: Ids = {
  uuid: () => randomUUID(),
  hex32: () => randomUUID().replaceAll('-', ''),
  mac: () => `fa:16:3e:${[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`,
};

/** `req-<uuid>`: what `x-openstack-request-id` carries. */
export const newRequestId = (): string => `req-${randomUUID()}`;
