import type { Volume } from '#api/volume/volumes.ts';

/** A volume's name, or the beginning of its id. */
export const nameOf = (volume: { readonly id: string; readonly name: string | null }): string =>
  volume.name || volume.id.slice(0, 8);

/** Statuses that end by themselves. */
const passing = new Set([
  'creating',
  'downloading',
  'deleting',
  'attaching',
  'detaching',
  'extending',
  'retyping',
  'uploading',
  'backing-up',
  'restoring-backup',
  'reverting',
  'maintenance',
  'reserved',
]);
export const isPassing = ({ status }: Volume): boolean => passing.has(status);

/** What a volume should say, from what is so; null: nothing is wrong. */
export function rightStatus(volume: Volume, attachedReally: boolean): 'available' | 'in-use' | null {
  const right = attachedReally ? 'in-use' : 'available';
  if (volume.status === right && volume.attachments.length > 0 === attachedReally) return null;
  return right;
}

/** Whether a repair may be asked for: an error, or something that has been passing for long, or an attachment to nothing. */
export const looksStuck = (volume: Volume): boolean => volume.status.startsWith('error') || isPassing(volume);
