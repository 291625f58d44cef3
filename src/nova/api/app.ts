import { createApp, type AppOptions, type Authenticate, type HttpApp, type MountPoint } from '#common/api/app.ts';
import { novaFaults } from '#common/api/faults.ts';
import type { AnyRoute } from '#common/api/route.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import { operationRoutes, type OperationRouteDeps } from '#common/operations/routes.ts';
import { agentRoutes, type AgentDeps } from '../agents/routes.ts';
import { certificateRoutes, type CertificateDeps } from '../cert/routes.ts';
import { consoleTokenRoutes, type ConsoleTokenDeps } from '../consoleauth/routes.ts';
import { eventRoutes, type EventDeps } from '../events/routes.ts';
import { fitRoutes } from '../fit/routes.ts';
import type { FitDeps } from '../fit/fit.ts';
import { flavorRoutes } from '../flavors/routes.ts';
import type { FlavorService } from '../flavors/service.ts';
import { aggregateRoutes } from '../hosts/aggregates-routes.ts';
import type { AggregateService } from '../hosts/aggregates.ts';
import { auditRoutes } from '../hosts/audit-routes.ts';
import { cellAndNodeRoutes } from '../hosts/cells-routes.ts';
import type { HostDeps } from '../hosts/deps.ts';
import { hypervisorRoutes } from '../hosts/hypervisors-routes.ts';
import { hostPowerRoutes } from '../hosts/power-routes.ts';
import { serviceRoutes } from '../hosts/services-routes.ts';
import { zoneRoutes } from '../hosts/zones-routes.ts';
import { keypairRoutes } from '../keypairs/routes.ts';
import type { KeypairService } from '../keypairs/service.ts';
import { metadataFaults, metadataRoutes, type MetadataDeps } from '../metadata/routes.ts';
import { instanceActionRoutes } from '../operations/routes.ts';
import type { ProxyDeps } from '../proxies/deps.ts';
import { fixedIpRoutes } from '../proxies/fixed-ips.ts';
import { imageRoutes } from '../proxies/images.ts';
import { networkAdminRoutes } from '../proxies/network-admin.ts';
import { networkProxyRoutes } from '../proxies/networks.ts';
import { securityGroupRoutes } from '../proxies/security-groups.ts';
import { volumeProxyRoutes } from '../proxies/volumes.ts';
import { quotaRoutes, type QuotaDeps } from '../quotas/routes.ts';
import { usageRoutes, type UsageDeps } from '../quotas/usage-routes.ts';
import { serverGroupRoutes, type ServerGroupDeps } from '../server-groups/routes.ts';
import { fpingRoutes, type FpingDeps } from '../servers/fping-routes.ts';
import { oldServerRoutes } from '../servers/old-routes.ts';
import { serverRoutes } from '../servers/routes.ts';
import type { ServerService } from '../servers/service.ts';
import { serverInterfaceRoutes } from '../servers/interfaces-routes.ts';
import { serverMetadataRoutes } from '../servers/metadata-routes.ts';
import { serverMigrationRoutes } from '../server-migrations/routes.ts';
import { serverDiagnosticsRoutes } from '../servers/diagnostics-routes.ts';
import { serverMetricsRoutes } from '../servers/metrics-routes.ts';
import { serverPasswordRoutes } from '../servers/password-routes.ts';
import { serverTagRoutes } from '../servers/tags-routes.ts';
import { assistedSnapshotRoutes } from '../volumes/assisted-snapshots.ts';
import { volumeAttachmentRoutes } from '../volumes/routes.ts';
import { extensionRoutes } from './extensions.ts';
import { removedRoutes } from './removed.ts';
import { maxVersion, minVersion, version21Routes, versionListRoutes } from './versions.ts';

/** Everything that answers on port 8774. */
export interface NovaServices {
  readonly servers: ServerService;
  readonly flavors: FlavorService;
  readonly keypairs: KeypairService;
  readonly aggregates: AggregateService;
  readonly hosts: HostDeps;
  readonly quotas: QuotaDeps;
  readonly usage: UsageDeps;
  readonly serverGroups: ServerGroupDeps;
  readonly events: EventDeps;
  readonly proxies: ProxyDeps;
  readonly agents: AgentDeps;
  readonly certificates: CertificateDeps;
  readonly consoleTokens: ConsoleTokenDeps;
  readonly fping: FpingDeps;
  readonly fit: FitDeps;
  readonly operations: OperationRouteDeps;
}

type Options = Omit<AppOptions, 'name' | 'faults'>;

const range = {
  type: 'compute',
  min: minVersion,
  max: maxVersion,
  legacyHeader: 'x-openstack-nova-api-version',
} as const;
/** v2.1 with and without the project in the path, and Icehouse's v2. */
const points: readonly MountPoint[] = [
  { prefix: '/v2.1', api: 'v2.1', version: range },
  { prefix: '/v2.1/:project_id', api: 'v2.1', version: range },
  { prefix: '/v2/:project_id', api: 'v2', version: '2.0' },
];

/** The compute API. */
export function createComputeApp(
  services: NovaServices,
  deps: { readonly enforcer: Enforcer; readonly authenticate: Authenticate },
  options: Options,
): HttpApp {
  const app = createApp({
    ...options,
    name: 'nova',
    faults: novaFaults,
    requestIdAlias: 'x-compute-request-id',
    strictPaths: true,
  });
  const at = <S>(service: S, routes: readonly AnyRoute<S>[], where: readonly MountPoint[] = points): void =>
    app.mount({ points: where, routes, service, ...deps });
  at({}, versionListRoutes, [{ prefix: '', api: 'v2', version: '2.0' }]);
  at({}, version21Routes, [{ prefix: '/v2.1', api: 'v2.1', version: range }]);
  at(services.servers, [
    ...serverRoutes,
    ...serverMetadataRoutes,
    ...serverTagRoutes,
    ...serverInterfaceRoutes,
    ...serverPasswordRoutes,
    ...serverDiagnosticsRoutes,
    ...serverMetricsRoutes,
    ...serverMigrationRoutes,
    ...volumeAttachmentRoutes,
    ...assistedSnapshotRoutes,
    ...instanceActionRoutes(deps.enforcer),
    ...oldServerRoutes,
  ]);
  at(services.flavors, flavorRoutes(deps.enforcer));
  at(services.keypairs, keypairRoutes);
  at(services.aggregates, aggregateRoutes);
  at(services.hosts, [...serviceRoutes, ...hypervisorRoutes, ...zoneRoutes, ...hostPowerRoutes, ...auditRoutes]);
  at(services.quotas, quotaRoutes);
  at(services.usage, usageRoutes);
  at(services.serverGroups, serverGroupRoutes);
  at(services.events, eventRoutes);
  at(services.proxies, [
    ...imageRoutes,
    ...networkProxyRoutes,
    ...securityGroupRoutes,
    ...volumeProxyRoutes,
    ...fixedIpRoutes,
    ...networkAdminRoutes,
  ]);
  at(services.agents, agentRoutes);
  at(services.certificates, certificateRoutes);
  at(services.consoleTokens, consoleTokenRoutes);
  at(services.fping, fpingRoutes);
  at(services.fit, fitRoutes);
  at(services.operations, operationRoutes('os_compute_api:os-operations'));
  at({}, [...extensionRoutes, ...cellAndNodeRoutes, ...removedRoutes]);
  return app;
}

/** The metadata API of port 8775, which guests reach through Neutron. */
export function createMetadataApp(
  service: MetadataDeps,
  deps: { readonly enforcer: Enforcer; readonly authenticate: Authenticate },
  options: Options,
): HttpApp {
  const app = createApp({ ...options, name: 'nova-metadata', faults: metadataFaults });
  app.mount({ points: [{ prefix: '', api: 'metadata', version: '1.0' }], routes: metadataRoutes, service, ...deps });
  return app;
}
