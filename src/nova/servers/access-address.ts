import { Address6 } from 'ip-address';

/** An IPv6 address in its one short form (RFC 5952), so that every spelling of it is the same; null for none. */
export const shortIpV6 = (address: string | null | undefined): string | null =>
  address ? new Address6(address).correctForm() : null;
