/** Things of the network may have no name: then the beginning of the id, as the clients write it. */
export const called = ({ id, name }: { readonly id: string; readonly name: string }): string =>
  name === '' ? `(${id.slice(0, 8)})` : name;

/** IPv4 before IPv6, then by address. */
export const byVersion = (
  a: { readonly ip_version: number; readonly cidr: string },
  b: { readonly ip_version: number; readonly cidr: string },
): number => a.ip_version - b.ip_version || a.cidr.localeCompare(b.cidr, undefined, { numeric: true });
