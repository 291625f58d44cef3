import { holds, overlap, parseCidr, parseIp } from '../networks/address.ts';

export interface SubnetChoice {
  readonly id: string;
  readonly cidr: string;
  readonly gateway_ip: string | null;
}

/** Subnets that a router could get a leg in, with the one of its own that each overlaps, if any: that is refused. */
export function subnetChoices<S extends SubnetChoice>(
  subnets: readonly S[],
  connected: readonly SubnetChoice[],
): readonly { readonly subnet: S; readonly overlaps: string | null }[] {
  const own = new Set(connected.map(({ id }) => id));
  return subnets
    .filter(({ id }) => !own.has(id))
    .map((subnet) => {
      const cidr = parseCidr(subnet.cidr);
      const other = connected.find((one) => {
        const its = parseCidr(one.cidr);
        return cidr !== null && its !== null && overlap(cidr, its);
      });
      return { subnet, overlaps: other?.cidr ?? null };
    });
}

export type AddressProblem = 'needsAddress' | 'notAddress' | 'outside';

/** What is wrong with the address that a router shall have in a subnet. */
export function addressProblem({ cidr, gateway_ip }: SubnetChoice, address: string): AddressProblem | null {
  if (address.trim() === '') return gateway_ip === null ? 'needsAddress' : null;
  const ip = parseIp(address);
  const net = parseCidr(cidr);
  if (!ip) return 'notAddress';
  return net && !holds(net, ip) ? 'outside' : null;
}
