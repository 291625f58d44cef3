import { Liveness } from '#common/bus/liveness.ts';
import type { Daemon } from '#common/daemon.ts';
import { anyOperation } from '#common/operations/operation.ts';
import { purgeOperations } from '#common/operations/purge.ts';
import { createOperationRunner } from '#common/operations/runner.ts';
import { isoMicros } from '#common/clock.ts';
import { beatOnce, cinderConfig, cinderConfigFiles, healthOf, repeat } from '../daemon-kit.ts';
import { openCinderDatabase } from '../database.ts';
import { deleteExpiredMessages } from '../messages/rows.ts';
import { createNotify } from '../notifications.ts';
import { createJournal } from '../operations/journal.ts';
import { ownerOf } from '../operations/kinds.ts';
import { serviceEvent } from '../row-events.ts';
import { schedulerRpc } from '../rpc.ts';
import { Chooser } from './choose.ts';
import { createVolumeOperation } from './create-volume.ts';
import { adoptOrphans } from './orphans.ts';

/** cinder-scheduler: chooses back ends for new volumes. */
export const cinderScheduler: Daemon = {
  name: 'cinder-scheduler',
  configFiles: cinderConfigFiles,
  async start(env) {
    const { bus, clock, ids, log, host } = env;
    const conf = cinderConfig(env);
    const db = await openCinderDatabase(conf, env);
    const chooser = new Chooser({ db, clock, conf });
    const runner = createOperationRunner({
      db,
      owner: ownerOf('cinder-scheduler', host),
      definitions: [
        anyOperation(
          createVolumeOperation({
            ...{ db, conf, clock, ids, chooser },
            journal: createJournal({ ids, clock, bus }),
            notify: createNotify(bus, 'scheduler', host, log),
          }),
        ),
      ],
      clock,
      ids,
      log,
    });
    const beat = {
      binary: 'cinder-scheduler',
      host,
      topic: schedulerRpc.topic,
      availabilityZone: conf.DEFAULT.storage_availability_zone,
    };
    // Before anything is heard: the API chooses among the schedulers that it finds in the table.
    await beatOnce(env, db, beat);
    const subscription = await bus.serve(schedulerRpc, host, {
      launch() {
        runner.launch();
        return undefined;
      },
      reportBackend() {
        chooser.view.stale();
        return undefined;
      },
      pools: async () => ({
        pools: (await chooser.view.all(true)).map(({ report, allocatedGb, volumes, reserved, overSubscription }) => ({
          ...report,
          allocatedGb,
          volumes,
          reservedPercentage: reserved * 100,
          maxOverSubscriptionRatio: overSubscription,
        })),
      }),
    });
    const repeating = [
      repeat('The heartbeat', conf.DEFAULT.report_interval, log, async () => {
        await beatOnce(env, db, beat);
        await adoptOrphans({ db, clock, conf, log, host });
        // Also what was journalled while nobody listened, and what a lost message should have told us of.
        await runner.resume();
      }),
      repeat('Removing old operations', 3600, log, () =>
        purgeOperations({ db, clock, log, days: conf.DEFAULT.operation_retention_days }),
      ),
      repeat('Removing old messages to users', 3600, log, () =>
        deleteExpiredMessages(db.query, isoMicros(clock.now())),
      ),
    ];
    const liveness = new Liveness(
      {
        daemons: db.remembered('services'),
        seen: 'last_seen',
        downSeconds: conf.DEFAULT.service_down_time,
        clock,
        event: (row, up) => serviceEvent('volume_service.update', row, up),
      },
      { bus, publisher: `volume.${host}`, log },
    );
    return {
      health: () => healthOf({ db, bus }),
      async stop() {
        liveness.stop();
        await Promise.all(repeating.map((one) => one.stop()));
        await runner.stop();
        await subscription.close();
        await db.close();
      },
    };
  },
};
