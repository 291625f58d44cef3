import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { privateTgtdSocket } from '#common/host/private-tgtd.ts';
import { TgtClient, TgtUnreachable } from '#common/host/tgt-client.ts';
import { idIn } from './backend.ts';
import { tgtdFolder } from './open-backend.ts';

/** What of volumes is on this machine, by the id in its name. */
export interface VolumeTrace {
  readonly kind: 'volume file' | 'snapshot file' | 'volume export' | 'backup folder';
  readonly name: string;
  /** Of the volume, snapshot or backup. */
  readonly id: string;
}

/** Everything that the file back end, a tgtd of our own and the folder of backups have, below `state_path`. */
export async function volumeTraces(statePath: string): Promise<VolumeTrace[]> {
  const files = join(statePath, 'volumes-data');
  const exports = join(statePath, 'volumes');
  const traces: VolumeTrace[] = [];
  const add = (kind: VolumeTrace['kind'], template: string, name: string, path: string): void => {
    const id = idIn(template, name);
    if (id !== null) traces.push({ kind, name: path, id });
  };
  for (const name of await readdir(files).catch(() => [])) {
    // Half made ones, too: `.volume-<id>.part.<pid>`.
    const whole = name.replace(/^\.(.*)\.part\.\d+$/, '$1');
    add('volume file', 'volume-%s', whole, join(files, name));
    add('snapshot file', 'snapshot-%s', whole, join(files, name));
  }
  for (const name of await readdir(exports).catch(() => []))
    add('volume export', 'volume-%s', name, join(exports, name));
  for (const iqn of await liveTargets(statePath))
    add('volume export', 'volume-%s', iqn.slice(iqn.indexOf(':') + 1), iqn);
  const backups = await readdir(join(statePath, 'backup'), { recursive: true }).catch(() => []);
  for (const path of backups) add('backup folder', 'backup_%s', path.slice(path.lastIndexOf('/') + 1), path);
  return traces;
}

async function liveTargets(statePath: string): Promise<string[]> {
  try {
    return (await new TgtClient(privateTgtdSocket(tgtdFolder(statePath))).targets()).map(({ iqn }) => iqn);
  } catch (error) {
    if (error instanceof TgtUnreachable) return [];
    throw error;
  }
}
