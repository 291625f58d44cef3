import { line, type Command } from './command.ts';
import { archiveServers, listVms } from './rows.ts';

const widths = [10, 15, 10, 10, 26, 9, 9, 10, 10, 10, 10, 5];
/** At one time in one transaction; a cloud's past may be long. */
const BATCH = 200;

export const serverCommands: readonly Command[] = [
  {
    name: 'vm list',
    arguments: ['host'],
    help: 'List the servers of all projects, or of a host.',
    async run({ db, env, given }) {
      env.print(
        line(
          [
            ...['instance', 'node', 'type', 'state', 'launched', 'image', 'kernel', 'ramdisk'],
            ...['project', 'user', 'zone', 'index'],
          ],
          widths,
        ),
      );
      for (const vm of await listVms((await db()).query, given.text('host')))
        env.print(
          line(
            [
              ...[vm.name, vm.host, vm.flavor, vm.vmState, vm.launchedAt, vm.imageId, vm.kernelId, vm.ramdiskId],
              ...[vm.projectId, vm.userId, vm.zone, vm.launchIndex],
            ],
            widths,
          ),
        );
    },
  },
  {
    name: 'db archive_deleted_rows',
    arguments: ['max_rows'],
    help: 'Move the rows of deleted servers to the shadow table.',
    async run({ db: open, env, given }) {
      const max = given.integer('max_rows', Number.NaN);
      if (!(max >= 0)) {
        env.print('Must supply a positive value for max_rows');
        return 1;
      }
      const db = await open();
      for (let left = max; left > 0;) {
        const moved = await db.transaction((trx) => archiveServers(trx, Math.min(left, BATCH)));
        if (moved === 0) break;
        left -= moved;
      }
      return 0;
    },
  },
];
