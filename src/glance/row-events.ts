import type { FindRow, RowEvent, TableEvents } from '#common/bus/row-events.ts';
import type { RowChange, RowValues } from '#common/db/row-watch.ts';
import type { GlanceTables } from './tables.ts';

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const payloadOf = (row: RowValues, before: RowValues | null): Record<string, unknown> => ({
  id: row['id'],
  name: row['name'],
  owner: row['owner'],
  status: row['status'],
  old_status: before?.['status'] ?? null,
  visibility: row['visibility'],
  // Who saw it until now hears that it is gone.
  old_visibility: before?.['visibility'] ?? null,
  size: row['size'],
  disk_format: row['disk_format'],
  container_format: row['container_format'],
});

/** Glance's own names for the steps of an image's life. */
function namesOf({ kind, before, row, written }: RowChange): readonly string[] {
  if (kind === 'insert') return ['image.create'];
  if (!written.includes('status') || before?.['status'] === row['status']) return ['image.update'];
  switch (row['status']) {
    case 'active':
      return before?.['status'] === 'deactivated' ? ['image.reactivate'] : ['image.upload', 'image.activate'];
    case 'deactivated':
      return ['image.deactivate'];
    case 'deleted':
    case 'pending_delete':
      return ['image.delete'];
    case 'saving':
      return ['image.prepare'];
    default:
      return ['image.update'];
  }
}

function imageEvents(change: RowChange): readonly RowEvent[] {
  const { kind, row, before } = change;
  // The rows of deleted images go much later.
  if (kind === 'delete' || row['id'] === undefined) return [];
  return namesOf(change).map((type) => ({
    type,
    projectId: text(row['owner']),
    payload: payloadOf(row, before),
  }));
}

const memberVerbs = { insert: 'create', update: 'update', delete: 'delete' } as const;

/** Told to the image's owner and to the member. */
function memberEvents({ kind, row }: RowChange, find: FindRow): readonly RowEvent[] {
  const { image_id, member, status } = row;
  if (image_id === undefined) return [];
  const image = find('images', { id: image_id });
  const owner = text(image?.['owner']);
  const payload = {
    id: image_id,
    name: image?.['name'],
    owner,
    member_id: member,
    status: null,
    member_status: status,
  };
  return [...new Set([owner, text(member)])].map((projectId) => ({
    type: `image.member.${memberVerbs[kind]}`,
    projectId,
    payload,
  }));
}

/** Everything that Glance tells. */
export const glanceRowEvents: Readonly<Partial<Record<keyof GlanceTables, TableEvents>>> = {
  images: {
    key: ['id'],
    remember: ['owner', 'name', 'status', 'visibility', 'size', 'disk_format', 'container_format'],
    // Every change by a request touches the time, those of properties and tags too.
    tell: ['updated_at', 'status', 'importing_to_stores', 'failed_import'],
    events: imageEvents,
  },
  image_members: { key: ['image_id', 'member'], remember: ['status'], tell: ['status'], events: memberEvents },
};
