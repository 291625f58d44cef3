import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromPidFile, terminate } from '#common/host/process.ts';
import type { Run } from '#common/host/run.ts';

/** An iSCSI target program of a test's own. */
export interface PrivateTargets {
  /** `127.0.0.1:3260` of the test's network namespace. */
  readonly portal: string;
  /** Exports a file as LUN 1, to who knows the password. */
  expose(iqn: string, path: string, user: string, password: string): Promise<void>;
  /** Who is signed in to a target. */
  initiators(iqn: string): Promise<string[]>;
  close(): Promise<void>;
}

/** @param run inside the namespace */
export async function privateTargets(run: Run, folder: string): Promise<PrivateTargets> {
  await mkdir(folder, { recursive: true });
  const env = { TGT_IPC_SOCKET: join(folder, 'control') };
  const pidFile = join(folder, 'pid');
  const portal = '127.0.0.1:3260';
  await run(['tgtd', '--pid-file', pidFile, '--iscsi', `portal=${portal}`], { env });
  const tgtadm = async (...args: string[]): Promise<string> =>
    (await run(['tgtadm', '--lld', 'iscsi', ...args], { env })).stdout;
  for (let tries = 0; ; tries++)
    try {
      await tgtadm('--op', 'show', '--mode', 'target');
      break;
    } catch (error) {
      if (tries > 50) throw error;
      await sleep(50);
    }
  const tids = new Map<string, string>();
  return {
    portal,
    async expose(iqn, path, user, password) {
      const tid = String(tids.size + 1);
      tids.set(iqn, tid);
      await tgtadm('--op', 'new', '--mode', 'target', '--tid', tid, '-T', iqn);
      await tgtadm('--op', 'new', '--mode', 'logicalunit', '--tid', tid, '--lun', '1', '-b', path);
      await tgtadm('--op', 'new', '--mode', 'account', '--user', user, '--password', password);
      await tgtadm('--op', 'bind', '--mode', 'account', '--tid', tid, '--user', user);
      await tgtadm('--op', 'bind', '--mode', 'target', '--tid', tid, '-I', 'ALL');
    },
    async initiators(iqn) {
      const text = await tgtadm('--op', 'show', '--mode', 'conn', '--tid', tids.get(iqn) ?? '0');
      return [...text.matchAll(/Initiator: (\S+)/g)].map(([, name]) => name as string);
    },
    async close() {
      for (const tid of tids.values())
        await tgtadm('--op', 'delete', '--force', '--mode', 'target', '--tid', tid).catch(() => undefined);
      await tgtadm('--op', 'delete', '--force', '--mode', 'system').catch(() => undefined);
      const identity = fromPidFile(pidFile);
      if (identity) await terminate(identity, { graceMs: 500 });
    },
  };
}
