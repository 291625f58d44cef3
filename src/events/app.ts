import { createApp, type AppOptions, type HttpApp } from '#common/api/app.ts';
import { eventsFaults } from './faults.ts';
import { eventRoutes, versionRoutes, type Events } from './routes.ts';

/** The event stream's HTTP side. */
export function createEventsApp(
  events: Events,
  hooks: Pick<AppOptions, 'log' | 'health' | 'observe' | 'metrics'>,
): HttpApp {
  const app = createApp({ name: 'events', faults: eventsFaults, ...hooks });
  const { enforcer, authenticate } = events;
  const common = { enforcer, authenticate, service: events };
  app.mount({ ...common, points: [{ prefix: '', api: 'versions', version: '1.0' }], routes: versionRoutes });
  app.mount({ ...common, points: [{ prefix: '/v1', api: 'v1', version: '1.0' }], routes: eventRoutes });
  return app;
}
