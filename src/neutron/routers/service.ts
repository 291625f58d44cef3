import { isoMicros, type Clock } from '#common/clock.ts';
import type { Ids } from '#common/ids.ts';
import type { Caller, Scope } from '../api/access.ts';
import type { ResourceService } from '../api/controller.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { CreateOf, UpdateOf, View } from '../api/resource.ts';
import { standardColumns } from '../api/standard-view.ts';
import { errors } from '../errors.ts';
import { removePorts } from '../ports/remove.ts';
import { findPort, portsOfDevices } from '../ports/rows.ts';
import type { QuotaService } from '../quotas/service.ts';
import type { Store } from '../store.ts';
import type { RouterRow } from '../tables.ts';
import { checkRoutes } from './connections.ts';
import { checkGatewayPolicy, setGateway, type GatewayDeps } from './gateway.ts';
import {
  connectedSubnets,
  deleteRouterRow,
  findRouters,
  insertRouter,
  listRouters,
  lockRouter,
  updateRouter,
} from './rows.ts';
import type { routerAttributes } from './schema.ts';
import { routerViews } from './view.ts';

type Attributes = typeof routerAttributes;

export interface RouterServiceDeps extends GatewayDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly quotas: QuotaService;
  /** `max_routes` */
  readonly maxRoutes: number;
}

export class RouterService implements ResourceService<Attributes> {
  readonly #deps: RouterServiceDeps;

  constructor(deps: RouterServiceDeps) {
    this.#deps = deps;
  }

  notFound(id: string) {
    return errors.routerNotFound(id);
  }

  async list(scope: Scope, query: ListQuery): Promise<readonly View[]> {
    const db = this.#deps.store.query;
    const rows = await listRouters(db, scope, query);
    if (!rows) throw errors.routerNotFound(query.marker ?? '');
    return routerViews(db, rows);
  }

  async create(caller: Caller, items: readonly CreateOf<Attributes>[]): Promise<readonly View[]> {
    const { store, clock, ids, quotas, enforcer, snatByDefault } = this.#deps;
    const made = await store.write(
      async (db, told) => {
        const rows: RouterRow[] = [];
        for (const item of items) {
          const gateway = item.external_gateway_info ?? null;
          if (gateway) checkGatewayPolicy(enforcer, caller, 'create_router', gateway, item);
          await quotas.take(db, item.project_id, 'router');
          const row: RouterRow = {
            ...standardColumns(item, { id: ids.uuid(), clock, revision: 1 }),
            name: item.name,
            admin_state_up: Number(item.admin_state_up),
            status: 'ACTIVE',
            gw_port_id: null,
            enable_snat: Number(snatByDefault),
            routes: '[]',
            availability_zone_hints: JSON.stringify(item.availability_zone_hints),
          };
          await insertRouter(db, row);
          if (gateway) await setGateway(db, told, this.#deps, { caller, router: row, gateway });
          rows.push(row);
        }
        return rows.map(({ id }) => id);
      },
      { duplicateRetries: 16 },
    );
    return this.#views(made);
  }

  async update(caller: Caller, current: View, changes: UpdateOf<Attributes>): Promise<View> {
    const { store, clock, enforcer, maxRoutes } = this.#deps;
    const id = current['id'] as string;
    const gateway = changes.external_gateway_info;
    if (gateway) checkGatewayPolicy(enforcer, caller, 'update_router', gateway, current);
    await store.write(
      async (db, told) => {
        const router = await lockRouter(db, id);
        if (!router) throw errors.routerNotFound(id);
        if (gateway !== undefined) await setGateway(db, told, this.#deps, { caller, router, gateway });
        if (changes.routes) {
          if (changes.routes.length > maxRoutes) throw errors.routesExhausted(id, maxRoutes);
          checkRoutes(changes.routes, await connectedSubnets(db, id));
        }
        await updateRouter(db, id, {
          ...(changes.name !== undefined && { name: changes.name }),
          ...(changes.description !== undefined && { description: changes.description }),
          ...(changes.admin_state_up !== undefined && { admin_state_up: Number(changes.admin_state_up) }),
          ...(changes.routes !== undefined && { routes: JSON.stringify(changes.routes) }),
          updated_at: isoMicros(clock.now()),
        });
        told.routers.add(id);
      },
      { duplicateRetries: 16 },
    );
    const [view] = await this.#views([id]);
    if (!view) throw errors.routerNotFound(id);
    return view;
  }

  async remove(_caller: Caller, current: View): Promise<void> {
    const { store, quotas } = this.#deps;
    const id = current['id'] as string;
    await store.write(async (db, told) => {
      const router = await lockRouter(db, id);
      if (!router) throw errors.routerNotFound(id);
      const interfaces = await portsOfDevices(db, [id], ['network:router_interface']);
      if (interfaces.length > 0)
        throw errors.routerInUse(
          id,
          interfaces.map((port) => port.id),
        );
      const gateway = router.gw_port_id === null ? undefined : await findPort(db, router.gw_port_id);
      await quotas.giveBack(db, router.project_id, 'router');
      await deleteRouterRow(db, id);
      if (gateway) await removePorts(db, told, quotas, [gateway]);
      told.routers.add(id);
    });
  }

  async #views(ids: readonly string[]): Promise<readonly View[]> {
    const db = this.#deps.store.query;
    return routerViews(db, await findRouters(db, ids));
  }
}
