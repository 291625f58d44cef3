import type { Daemon } from '#common/daemon.ts';
import { healthOf, heartbeat, novaConfig, novaConfigFiles } from '../daemon-kit.ts';
import { openNovaDatabase } from '../database.ts';
import { schedulerRpc } from '../rpc.ts';
import { filtersNamed } from './filters/index.ts';
import { Scheduler } from './scheduler.ts';

/** nova-scheduler: chooses hosts for servers. */
export const novaScheduler: Daemon = {
  name: 'nova-scheduler',
  configFiles: novaConfigFiles,
  async start(env) {
    const { bus, clock, host } = env;
    const conf = novaConfig(env);
    const filters = filtersNamed(conf.DEFAULT.scheduler_default_filters);
    const db = await openNovaDatabase(conf, env);
    const scheduler = new Scheduler({ db, clock, conf, filters });
    const subscription = await bus.serve(schedulerRpc, host, {
      selectDestinations: ({ request }) => scheduler.select(request),
      tryFlavors: async ({ request }) => ({ flavors: await scheduler.tryFlavors(request) }),
    });
    const beat = heartbeat(env, conf, 'nova-scheduler', schedulerRpc.topic);
    return {
      health: () => healthOf({ db, bus }),
      async stop() {
        await beat.stop();
        await subscription.close();
        await db.close();
      },
    };
  },
};
