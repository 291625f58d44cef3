import { createApp, type AppOptions, type Authenticate, type HttpApp } from '#common/api/app.ts';
import { ApiError } from '#common/api/errors.ts';
import { glanceFaults, type FaultStyle } from '#common/api/faults.ts';
import type { Glance } from './glance.ts';
import { imageRoutesV1 } from './images/routes-v1.ts';
import { imageRoutesV2 } from './images/routes-v2.ts';
import { metadefObjectRoutes, metadefPropertyRoutes } from './metadefs/definition-routes.ts';
import { metadefRoutes } from './metadefs/routes.ts';
import { metadefTagRoutes, metadefTypeRoutes } from './metadefs/tag-routes.ts';
import { taskRoutes } from './tasks/routes.ts';
import { memberRoutesV1 } from './members/routes-v1.ts';
import { memberRoutesV2 } from './members/routes-v2.ts';
import { registryRoutes, type Registry } from './registry/routes.ts';
import { schemaRoutes } from './schemas/routes.ts';
import { versionRoutes } from './versions/routes.ts';
import type { Enforcer } from '#common/auth/policy.ts';

/** Bytes of a JSON body (an image with 128 long properties, a large patch). */
const bodyLimit = 1 << 20;

const faults: FaultStyle = {
  ...glanceFaults,
  invalid: (_where, _value, reason) => new ApiError(400, `Provided object does not match schema 'image': ${reason}`),
};

type Hooks = Pick<AppOptions, 'log' | 'health' | 'observe' | 'metrics'>;

/** glance-api's HTTP side. */
export function createGlanceApp(
  options: Hooks & {
    readonly glance: Glance;
    readonly authenticate: Authenticate;
    readonly v1: boolean;
    readonly v2: boolean;
  },
): HttpApp {
  const { glance, authenticate, v1, v2, ...hooks } = options;
  const { enforcer } = glance;
  const app = createApp({ name: 'glance', faults, bodyLimit, strictPaths: true, ...hooks });
  const common = { enforcer, authenticate, service: glance };
  app.mount({
    ...common,
    points: [{ prefix: '', api: 'versions', version: '2.15' }],
    routes: versionRoutes({ v1, v2 }),
  });
  if (v2)
    app.mount({
      ...common,
      points: [{ prefix: '/v2', api: 'v2', version: '2.15' }],
      routes: [
        ...imageRoutesV2,
        ...memberRoutesV2,
        ...schemaRoutes,
        ...taskRoutes,
        ...metadefRoutes,
        ...metadefObjectRoutes,
        ...metadefPropertyRoutes,
        ...metadefTagRoutes,
        ...metadefTypeRoutes,
      ],
    });
  if (v1)
    app.mount({
      ...common,
      points: [{ prefix: '/v1', api: 'v1', version: '1.1' }],
      routes: [...imageRoutesV1, ...memberRoutesV1],
    });
  return app;
}

/** glance-registry's HTTP side. */
export function createRegistryApp(
  options: Hooks & { readonly registry: Registry; readonly enforcer: Enforcer; readonly authenticate: Authenticate },
): HttpApp {
  const { registry, enforcer, authenticate, ...hooks } = options;
  const app = createApp({ name: 'glance-registry', faults, bodyLimit, ...hooks });
  app.mount({
    points: [{ prefix: '', api: 'v1', version: '1.1' }],
    routes: [...registryRoutes, ...memberRoutesV1],
    service: registry,
    enforcer,
    authenticate,
  });
  return app;
}
