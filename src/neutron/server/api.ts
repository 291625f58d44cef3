import type { RequestContext } from '#common/auth/context.ts';
import type { Clock } from '#common/clock.ts';
import type { agentAttributes } from '../agent-registry/schema.ts';
import type { Caller } from '../api/access.ts';
import type { Controller, Notify } from '../api/controller.ts';
import type { Extension } from '../extensions/aliases.ts';
import type { floatingIpAttributes } from '../floatingips/schema.ts';
import type { networkAttributes } from '../networks/schema.ts';
import type { portAttributes } from '../ports/schema.ts';
import type { QuotaService } from '../quotas/service.ts';
import type { RouterInterfaces } from '../routers/interfaces.ts';
import type { routerAttributes } from '../routers/schema.ts';
import type { AgentSchedules } from '../scheduling/service.ts';
import type { groupAttributes, ruleAttributes } from '../security-groups/schema.ts';
import type { Store } from '../store.ts';
import type { subnetPoolAttributes } from '../subnetpools/schema.ts';
import type { SubnetPoolService } from '../subnetpools/service.ts';
import type { ServiceProvider } from './service-plugins.ts';
import type { subnetAttributes } from '../subnets/schema.ts';

/** What the routes of the Networking API call. */
export interface NeutronApi {
  readonly networks: Controller<typeof networkAttributes>;
  readonly subnets: Controller<typeof subnetAttributes>;
  readonly subnetPools: Controller<typeof subnetPoolAttributes>;
  readonly poolPrefixes: Pick<SubnetPoolService, 'addPrefixes' | 'removePrefixes'>;
  readonly ports: Controller<typeof portAttributes>;
  readonly routers: Controller<typeof routerAttributes>;
  readonly floatingIps: Controller<typeof floatingIpAttributes>;
  readonly groups: Controller<typeof groupAttributes>;
  readonly rules: Controller<typeof ruleAttributes>;
  readonly agents: Controller<typeof agentAttributes>;
  readonly interfaces: RouterInterfaces;
  readonly schedules: AgentSchedules;
  readonly quotas: QuotaService;
  readonly extensions: readonly Extension[];
  readonly serviceProviders: readonly ServiceProvider[];
  readonly store: Store;
  readonly clock: Clock;
  readonly notify: Notify;
  caller(ctx: RequestContext): Caller;
}
