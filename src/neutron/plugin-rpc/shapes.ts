import { keyText, parseCidr } from '../ipam/address.ts';
import type { FixedIp } from '../rpc.ts';
import type { PortRow } from '../tables.ts';
import type { HeldAddress } from './rows.ts';

export const fixedIpOf = ({ subnet_id, ip_address, cidr }: HeldAddress): FixedIp => ({
  subnetId: subnet_id,
  ip: keyText(ip_address),
  prefixLength: parseCidr(cidr)?.prefix ?? 32,
});

export const pairsOf = (row: Pick<PortRow, 'allowed_address_pairs'>): readonly { mac: string; cidr: string }[] =>
  (JSON.parse(row.allowed_address_pairs) as { mac_address: string; ip_address: string }[]).map((pair) => ({
    mac: pair.mac_address,
    cidr: pair.ip_address,
  }));
