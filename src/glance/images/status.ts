/**
 * The life of an image. The one table of what may follow what; `rows.moveStatus` accepts nothing else.
 *
 * `saving` belongs to the glance-api that receives the data; when that one dies, its next start puts the image back to
 * `queued`. `uploading` is the way into the staging area, and lasts until somebody imports from there. `importing` belongs
 * to an operation: it goes on after a crash. `pending_delete` is a delete that is decided but whose data may still be there.
 */
export const transitions = {
  queued: ['saving', 'uploading', 'importing', 'active', 'killed', 'deleted'],
  saving: ['active', 'queued', 'killed', 'pending_delete', 'deleted'],
  uploading: ['uploading', 'importing', 'queued', 'deleted'],
  importing: ['importing', 'active', 'queued', 'killed', 'pending_delete', 'deleted'],
  active: ['deactivated', 'pending_delete', 'deleted'],
  deactivated: ['active', 'pending_delete', 'deleted'],
  killed: ['deleted'],
  pending_delete: ['deleted'],
  deleted: [],
} as const satisfies Record<string, readonly string[]>;

export type ImageStatus = keyof typeof transitions;

export const imageStatuses = Object.keys(transitions) as readonly ImageStatus[];

/** Whether the table allows it. */
export function mayFollow(from: ImageStatus, to: ImageStatus): boolean {
  return (transitions[from] as readonly string[]).includes(to);
}

/** What every API answers "not found" for. */
export const goneStatuses: readonly ImageStatus[] = ['pending_delete', 'deleted'];
