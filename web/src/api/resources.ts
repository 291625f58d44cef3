import { aggregates, availabilityZones, computeServices, hypervisors } from './compute/hosts.ts';
import { flavors } from './compute/flavors.ts';
import { keypairs } from './compute/keypairs.ts';
import { serverGroups } from './compute/server-groups.ts';
import { servers } from './compute/servers.ts';
import { domains, groups, projects, roles, users } from './identity/identity.ts';
import { images } from './image/images.ts';
import type { AnyResource } from './live.ts';
import { agents, floatingIps, networks, ports, routers, securityGroups, subnets } from './network/networks.ts';
import { backups, snapshots, volumes, volumeServices, volumeTypes } from './volume/volumes.ts';

/** Every kind that the console shows, by the name that events call it. */
export const resources: ReadonlyMap<string, AnyResource> = new Map(
  [
    servers,
    flavors,
    keypairs,
    serverGroups,
    hypervisors,
    computeServices,
    aggregates,
    availabilityZones,
    images,
    networks,
    subnets,
    ports,
    routers,
    floatingIps,
    securityGroups,
    agents,
    volumes,
    snapshots,
    backups,
    volumeTypes,
    volumeServices,
    projects,
    users,
    groups,
    roles,
    domains,
  ].map((resource: AnyResource) => [resource.kind, resource]),
);
