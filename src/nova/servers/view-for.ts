import type { Call } from '#common/api/route.ts';
import { volumesOfServers } from '../volumes/rows.ts';
import type { ServerSummary } from './model.ts';
import type { ServerService } from './service.ts';
import { createServerView } from './view.ts';

/** The view of servers for one request: looks up once what all of them need. */
export async function viewFor(
  servers: ServerService,
  call: Call<unknown, unknown, unknown>,
  kind: 'list' | 'show' | 'updated',
  shown: readonly ServerSummary[],
) {
  const { conf, directory, enforcer } = servers.deps;
  const { ctx, version } = call;
  const extended = enforcer.allows('os_compute_api:os-extended-server-attributes:show', ctx);
  const zoneOf = await directory.zones();
  const status = new Map<string, string>();
  if (extended && version.atLeast('2.16'))
    for (const service of await directory.services())
      if (service.binary === 'nova-compute')
        status.set(service.host, service.disabled ? 'MAINTENANCE' : directory.isUp(service) ? 'UP' : 'DOWN');
  const volumes = await volumesOfServers(
    servers.db.query,
    shown.map((server) => server.id),
  );
  return createServerView(
    {
      version,
      api: call.api,
      host: call.host,
      prefix: call.prefix,
      extended,
      instanceNameTemplate: conf.DEFAULT.instance_name_template,
      defaultZone: conf.DEFAULT.default_availability_zone,
      zoneOf,
      hostStatus: (host) => status.get(host) ?? 'UNKNOWN',
      volumesOf: (id) => volumes.get(id) ?? [],
    },
    kind,
  );
}
