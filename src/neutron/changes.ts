/** What a transaction changed that agents, schedulers or Nova must hear of after its commit. */
export class Changes {
  readonly ports = new Set<string>();
  readonly deletedPorts = new Set<string>();
  readonly deletedNetworks = new Set<string>();
  readonly dhcpNetworks = new Set<string>();
  readonly routers = new Set<string>();
  readonly securityGroups = new Set<string>();
  readonly tunnelTypes = new Set<'gre' | 'vxlan'>();
  /** Networks that got a port and may have no DHCP server yet. */
  readonly scheduleNetworks = new Set<string>();
  readonly scheduleRouters = new Set<string>();
  /** Pools that changed, or anything that belongs to them. */
  readonly pools = new Set<string>();
  /** Projects whose firewall changed. */
  readonly firewallProjects = new Set<string>();
  /** Metering labels that changed, or whose rules did. */
  readonly meteringLabels = new Set<string>();
  /** Rows were added to nova_events. */
  novaEvents = false;

  /** Takes in another transaction's. */
  add(other: Changes): void {
    for (const key of setNames) for (const item of other[key]) (this[key] as Set<string>).add(item);
    this.novaEvents ||= other.novaEvents;
  }

  get empty(): boolean {
    return !this.novaEvents && setNames.every((key) => this[key].size === 0);
  }
}

const setNames = [
  'ports',
  'deletedPorts',
  'deletedNetworks',
  'dhcpNetworks',
  'routers',
  'securityGroups',
  'tunnelTypes',
  'scheduleNetworks',
  'scheduleRouters',
  'pools',
  'firewallProjects',
  'meteringLabels',
] as const;
