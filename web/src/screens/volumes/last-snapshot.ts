import { snapshots } from '#api/volume/volumes.ts';

/** The newest available snapshot of a volume; null: it has none. */
export async function lastSnapshotOf(volume: string): Promise<string | null> {
  const all = await snapshots.list({ all: false }, new AbortController().signal);
  return (
    all
      .filter((one) => one.volume_id === volume && one.status === 'available')
      .toSorted((a, b) => b.created_at.localeCompare(a.created_at))[0]?.id ?? null
  );
}
