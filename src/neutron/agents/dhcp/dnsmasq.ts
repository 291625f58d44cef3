import { join } from 'node:path';
import type { DhcpNetwork, DhcpSubnet } from '../../rpc.ts';

export interface DnsmasqSettings {
  /** Folder with one folder per network. */
  readonly folder: string;
  readonly domain: string;
  /** Seconds; -1 for ever. */
  readonly leaseSeconds: number;
  /** More configuration; '' for none. */
  readonly configFile: string;
  /** Asked for names that dnsmasq does not know. */
  readonly dnsServers: readonly string[];
  readonly isolatedMetadata: boolean;
}

/** Files and arguments of one network's dnsmasq. */
export interface DnsmasqPlan {
  readonly argv: readonly string[];
  readonly pidFile: string;
  readonly folder: string;
  /** File → content; dnsmasq reads all of them again at SIGHUP. */
  readonly files: { readonly host: string; readonly addn_hosts: string; readonly opts: string };
}

const METADATA_ADDRESS = '169.254.169.254';

/** The subnets whose guests get their addresses from us. */
export const servedSubnets = ({ subnets }: DhcpNetwork): readonly DhcpSubnet[] =>
  subnets.filter(({ enableDhcp }) => enableDhcp);

/** Whether guests of a subnet find metadata at the DHCP port, because no router stands there. */
export const isIsolated = (subnet: DhcpSubnet): boolean => subnet.ipVersion === 4 && !subnet.hasRouter;

export function planDnsmasq(network: DhcpNetwork, device: string, settings: DnsmasqSettings): DnsmasqPlan {
  const folder = join(settings.folder, network.id);
  const file = (name: string): string => join(folder, name);
  const subnets = servedSubnets(network);
  const pidFile = file('pid');
  const argv = [
    'dnsmasq',
    '--no-hosts',
    ...(settings.dnsServers.length > 0 ? settings.dnsServers.map((ip) => `--server=${ip}`) : ['--no-resolv']),
    '--strict-order',
    '--bind-interfaces',
    `--interface=${device}`,
    '--except-interface=lo',
    `--pid-file=${pidFile}`,
    `--dhcp-hostsfile=${file('host')}`,
    `--addn-hosts=${file('addn_hosts')}`,
    `--dhcp-optsfile=${file('opts')}`,
    '--leasefile-ro',
    '--dhcp-authoritative',
    ...subnets.map((subnet, i) => `--dhcp-range=${range(subnet, i, settings.leaseSeconds)}`),
    `--dhcp-lease-max=${Math.min(
      2 ** 24,
      subnets.reduce((sum, subnet) => sum + size(subnet), 0),
    )}`,
    `--dhcp-option-force=option:mtu,${network.mtu}`,
    `--conf-file=${settings.configFile}`,
    `--domain=${settings.domain}`,
    '--user=root', // started as root inside the namespace; its files are root's
    `--log-facility=${file('log')}`,
  ];
  const hosts = hostsOf(network, settings.domain);
  return {
    argv,
    pidFile,
    folder,
    files: {
      host: lines(
        hosts.map(({ mac, name, ip, tag }) =>
          [mac, ...(tag ? [`set:${tag}`] : []), name, ip.includes(':') ? `[${ip}]` : ip].join(),
        ),
      ),
      addn_hosts: lines(hosts.map(({ ip, name }) => `${ip}\t${name} ${name.split('.')[0]}`)),
      opts: lines([
        ...subnets.flatMap((subnet, i) => optionsOf(network, subnet, i, settings)),
        ...extraOptions(network),
      ]),
    },
  };
}

/**
 * Whether dnsmasq must be started anew for new files, instead of only reading them again: it keeps leases of hosts that
 * are gone or changed in memory, and 2.90 crashes at SIGHUP on hosts with a tag that have been used.
 */
export function needsRestart(before: string, after: string): boolean {
  const now = new Set(after.split('\n'));
  return before.includes(',set:') || after.includes(',set:') || before.split('\n').some((line) => !now.has(line));
}

interface Host {
  readonly mac: string;
  readonly name: string;
  readonly ip: string;
  readonly tag: string | undefined;
}

function hostsOf(network: DhcpNetwork, domain: string): Host[] {
  const served = new Set(servedSubnets(network).map(({ id }) => id));
  return network.ports.flatMap(({ id, mac, hostname, fixedIps, extraDhcpOpts }) =>
    fixedIps
      .filter(({ subnetId }) => served.has(subnetId))
      .map(({ ip }) => {
        const name = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(hostname)
          ? hostname
          : `host-${ip.replace(/[.:]+/g, '-')}`;
        return {
          mac,
          ip,
          name: name.includes('.') ? name : `${name}.${domain}`,
          tag: extraDhcpOpts.length > 0 ? id : undefined,
        };
      }),
  );
}

function optionsOf(network: DhcpNetwork, subnet: DhcpSubnet, index: number, settings: DnsmasqSettings): string[] {
  const own = network.dhcpPort.fixedIps.filter(({ subnetId }) => subnetId === subnet.id).map(({ ip }) => ip);
  const tag = `tag:tag${index}`;
  if (subnet.ipVersion === 6) {
    const servers = subnet.dnsNameservers.length > 0 ? subnet.dnsNameservers : own;
    return servers.length > 0 ? [`${tag},option6:dns-server,${servers.map((ip) => `[${ip}]`).join()}`] : [];
  }
  const dns = subnet.dnsNameservers.length > 0 ? subnet.dnsNameservers : own;
  const { gatewayIp } = subnet;
  const metadata =
    settings.isolatedMetadata && isIsolated(subnet) && own[0] ? [`${METADATA_ADDRESS}/32,${own[0]}`] : [];
  const routes = [...metadata, ...subnet.hostRoutes.map(({ destination, nexthop }) => `${destination},${nexthop}`)];
  // Who honours option 121 ignores option 3, so the default route is said there too.
  const hasDefault = subnet.hostRoutes.some(({ destination }) => destination === '0.0.0.0/0');
  const all = [...routes, ...(gatewayIp && !hasDefault ? [`0.0.0.0/0,${gatewayIp}`] : [])].join();
  return [
    ...(dns.length > 0 ? [`${tag},option:dns-server,${dns.join()}`] : []),
    ...(routes.length > 0 ? [`${tag},option:classless-static-route,${all}`, `${tag},249,${all}`] : []),
    // An empty value: without it dnsmasq would name itself as the router.
    `${tag},option:router${gatewayIp ? `,${gatewayIp}` : ''}`,
  ];
}

const extraOptions = ({ ports }: DhcpNetwork): string[] =>
  ports.flatMap(({ id, extraDhcpOpts }) =>
    extraDhcpOpts
      .filter(({ name, value }) => /^[\w:-]+$/.test(name) && !/[\n\r]/.test(value))
      .map(
        ({ name, value }) =>
          `tag:${id},${/^\d+$/.test(name) || name.startsWith('option') ? name : `option:${name}`},${value}`,
      ),
  );

function range(subnet: DhcpSubnet, index: number, leaseSeconds: number): string {
  const [address = '', length = ''] = subnet.cidr.split('/');
  const lease = leaseSeconds < 0 ? 'infinite' : `${leaseSeconds}s`;
  return `set:tag${index},${address},static,${subnet.ipVersion === 4 ? netmask(Number(length)) : length},${lease}`;
}

const size = ({ cidr, ipVersion }: DhcpSubnet): number =>
  2 ** ((ipVersion === 4 ? 32 : 128) - Number(cidr.split('/')[1]));

const netmask = (length: number): string =>
  [0, 8, 16, 24].map((from) => 256 - 2 ** (8 - Math.min(8, Math.max(0, length - from)))).join('.');

const lines = (list: readonly string[]): string => list.map((line) => `${line}\n`).join('');
