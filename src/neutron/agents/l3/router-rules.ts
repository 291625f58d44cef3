import type { RuleSet } from '#common/host/iptables.ts';
import type { FirewallSpec, RouterPort, RouterSpec } from '../../rpc.ts';
import { deviceName } from '../names.ts';
import { firewallRules, WRAP } from './firewall-rules.ts';

const BOTTOM = 'neutron-postrouting-bottom';

/** Whether a chain in a router's namespace is this agent's. */
export const ownsRouterChain = (chain: string): boolean => chain.startsWith(WRAP) || chain === BOTTOM;

export interface MetadataRedirect {
  readonly port: number;
}

/** Packet filter of a router's namespace: SNAT, floating IPs, the way to metadata, the firewall. Icehouse's chains. */
export function routerRules(
  router: RouterSpec,
  metadata: MetadataRedirect | null,
  firewall: FirewallSpec | null = null,
): RuleSet {
  const { gatewayPort, floatingIps } = router;
  const outer = gatewayPort && deviceName('qg-', gatewayPort.id);
  const outerIp = gatewayPort && ipv4Of(gatewayPort);
  const wall = firewall ? firewallRules(4, firewall) : { chains: {}, jumps: {} };
  const fips = outer ? floatingIps : [];
  const dnat = fips.map(({ floatingIp, fixedIp }) => `-d ${floatingIp}/32 -j DNAT --to-destination ${fixedIp}`);
  const snat =
    outerIp && router.enableSnat
      ? innerNetworks(router).map((cidr) => `-s ${cidr} -j SNAT --to-source ${outerIp}`)
      : [];
  return {
    nat: {
      chains: {
        [`${WRAP}PREROUTING`]: [
          ...(metadata
            ? [`-d 169.254.169.254/32 -i qr-+ -p tcp -m tcp --dport 80 -j REDIRECT --to-ports ${metadata.port}`]
            : []),
          ...dnat,
        ],
        [`${WRAP}OUTPUT`]: dnat,
        // What neither comes from outside nor goes there keeps its addresses, unless a floating IP was asked for.
        [`${WRAP}POSTROUTING`]: outer ? [`! -i ${outer} ! -o ${outer} -m conntrack ! --ctstate DNAT -j ACCEPT`] : [],
        [`${WRAP}float-snat`]: fips.map(
          ({ floatingIp, fixedIp }) => `-s ${fixedIp}/32 -j SNAT --to-source ${floatingIp}`,
        ),
        [`${WRAP}snat`]: [`-j ${WRAP}float-snat`, ...snat],
        [BOTTOM]: [`-j ${WRAP}snat`],
      },
      jumps: {
        PREROUTING: [`-j ${WRAP}PREROUTING`],
        OUTPUT: [`-j ${WRAP}OUTPUT`],
        POSTROUTING: [`-j ${WRAP}POSTROUTING`, `-j ${BOTTOM}`],
      },
    },
    filter: {
      chains: {
        // The proxy is for the router's own networks, not for the world outside.
        [`${WRAP}INPUT`]: metadata
          ? [
              `-i qr-+ -p tcp -m tcp --dport ${metadata.port} -j ACCEPT`,
              `-p tcp -m tcp --dport ${metadata.port} -j DROP`,
            ]
          : [],
        ...wall.chains,
      },
      jumps: { INPUT: [`-j ${WRAP}INPUT`], ...wall.jumps },
    },
  };
}

/** The IPv4 networks behind the router. */
const innerNetworks = ({ interfaces }: RouterSpec): string[] => [
  ...new Set(
    interfaces.flatMap(({ subnets, fixedIps }) =>
      subnets
        .filter(({ id, cidr }) => !cidr.includes(':') && fixedIps.some(({ subnetId }) => subnetId === id))
        .map(({ cidr }) => cidr),
    ),
  ),
];

export const ipv4Of = ({ fixedIps }: RouterPort): string | undefined =>
  fixedIps.find(({ ip }) => !ip.includes(':'))?.ip;
