import type { Ec2Action } from './deps.ts';
import { filtered } from './params.ts';

const describeAvailabilityZones: Ec2Action = async ({ directory, conf }, { ctx, params }) => {
  const zoneOf = await directory.zones();
  const services = await directory.services();
  const computes = Map.groupBy(
    services.filter((service) => service.binary === 'nova-compute'),
    (service) => zoneOf(service.host),
  );
  const asked = params.list('ZoneName');
  const zones = [...computes]
    .map(([zoneName, list]) => ({
      zoneName,
      zoneState: list.some((service) => !service.disabled && directory.isUp(service)) ? 'available' : 'not available',
    }))
    .sort((a, b) => (a.zoneName < b.zoneName ? -1 : 1));
  // What euca-describe-availability-zones verbose prints for administrators: the hosts, and how each daemon is.
  if (asked.includes('verbose') && ctx.isAdmin) {
    const lines = [];
    for (const zone of [
      ...zones,
      { zoneName: conf.DEFAULT.internal_service_availability_zone, zoneState: 'available' },
    ]) {
      lines.push(zone);
      const inside = services.filter((service) =>
        service.binary === 'nova-compute'
          ? zoneOf(service.host) === zone.zoneName
          : zone.zoneName === conf.DEFAULT.internal_service_availability_zone,
      );
      for (const [host, list] of Map.groupBy(inside, (service) => service.host)) {
        lines.push({ zoneName: `|- ${host}`, zoneState: '' });
        for (const service of list)
          lines.push({
            zoneName: `| |- ${service.binary}`,
            zoneState: `${service.disabled ? 'disabled' : 'enabled'} ${directory.isUp(service) ? ':-)' : 'XXX'} ${service.lastSeen}`,
          });
      }
    }
    return { availabilityZoneInfo: lines };
  }
  const shown = filtered(
    zones.filter((zone) => asked.length === 0 || asked.includes(zone.zoneName)),
    params.filters(),
    (zone, name) => (name === 'zone-name' ? [zone.zoneName] : name === 'state' ? [zone.zoneState] : null),
  );
  return { availabilityZoneInfo: shown };
};

const describeRegions: Ec2Action = async ({ conf }, { params }) => {
  const { region_list: list, ec2_scheme: scheme, ec2_host: host, ec2_port: port, ec2_path: path } = conf.DEFAULT;
  const endpoint = (at: string): string => `${scheme}://${at}:${port}${path}`;
  const regions =
    list.length > 0
      ? list.map((entry) => {
          const [regionName = '', at = ''] = entry.split('=');
          return { regionName, regionEndpoint: endpoint(at) };
        })
      : [{ regionName: 'nova', regionEndpoint: endpoint(host) }];
  const asked = params.list('RegionName');
  return { regionInfo: regions.filter((region) => asked.length === 0 || asked.includes(region.regionName)) };
};

export const placeActions = {
  DescribeAvailabilityZones: describeAvailabilityZones,
  DescribeRegions: describeRegions,
} satisfies Record<string, Ec2Action>;
