import { join } from 'node:path';
import { ensureFolder } from './files.ts';
import type { Run } from './run.ts';
import { Supervisor } from './supervisor.ts';
import { TgtClient, TgtUnreachable } from './tgt-client.ts';
import type { Logger } from '../telemetry/log.ts';

/** Management socket of the machine's own tgtd. */
export const SYSTEM_TGTD_SOCKET = '/var/run/tgtd/socket.0';

export interface PrivateTgtdDeps {
  /** Folder of its socket, pid file and process record. Short: a socket's path may have 107 characters. */
  readonly folder: string;
  readonly run: Run;
  readonly log: Logger;
}

export interface PrivateTgtd {
  readonly client: TgtClient;
  /** Stops watching; it runs on, and guests keep their volumes. */
  close(): Promise<void>;
}

/** Its management socket. */
export const privateTgtdSocket = (folder: string): string => `${join(folder, 'tgtd.sock')}.0`;

/**
 * Starts a tgtd of our own and keeps it alive; adopts it when it runs already. It knows no targets after a start.
 * @param portal `127.0.0.1:3260`
 * @param started called after each start, the first too: exports are to be made again
 * @throws CommandError when it is missing, Error when its address is taken
 */
export async function startPrivateTgtd(
  { folder, run, log }: PrivateTgtdDeps,
  portal: string,
  started: () => void,
): Promise<PrivateTgtd> {
  await ensureFolder(folder, 0o700);
  const supervisor = new Supervisor({ folder, run, log });
  const client = new TgtClient(privateTgtdSocket(folder));
  const pidFile = join(folder, 'tgtd.pid');
  try {
    await supervisor.ensure({
      name: 'tgtd',
      argv: ['tgtd', '-p', pidFile, '--iscsi', `portal=${portal}`],
      pidFile,
      env: { TGT_IPC_SOCKET: join(folder, 'tgtd.sock') },
      started: async () => {
        try {
          await ready(client, portal);
        } catch (error) {
          // One that listens elsewhere must not be taken for ours at the next look.
          await client.shutdown().catch(() => undefined);
          throw error;
        }
        started();
      },
    });
    await ready(client, portal);
  } catch (error) {
    await supervisor.stop('tgtd');
    await supervisor.close();
    throw error;
  }
  return { client, close: () => supervisor.close() };
}

/** Ends it with all of its exports. One that does not run is no error. */
export async function stopPrivateTgtd({ folder, run, log }: PrivateTgtdDeps): Promise<void> {
  const client = new TgtClient(privateTgtdSocket(folder));
  try {
    // It ignores SIGTERM while it has targets.
    for (const { tid } of await client.targets()) await client.deleteTarget(tid);
    await client.shutdown();
  } catch (error) {
    if (!(error instanceof TgtUnreachable)) throw error;
  }
  const supervisor = new Supervisor({ folder, run, log });
  await supervisor.stop('tgtd');
  await supervisor.close();
}

/** It goes into the background before it listens; and where its address is taken, it listens on all others instead. */
async function ready(client: TgtClient, portal: string): Promise<void> {
  for (let left = 500; ; left--) {
    try {
      await client.check();
      break;
    } catch (error) {
      if (left === 0 || !(error instanceof TgtUnreachable)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  if ((await client.portals()).join() !== portal)
    throw new Error(`tgtd cannot listen on ${portal}: the address is taken, or not of this host`);
}
