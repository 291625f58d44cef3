import type { Operation, OperationService } from '#api/usage/operations.ts';

/** An operation and the journal that tells it. */
export interface Entry extends Operation {
  readonly service: OperationService;
}
/** What has been read of one journal, newest first. */
export interface Journal {
  readonly service: OperationService;
  readonly operations: readonly Operation[];
  /** There are older ones that have not been read. */
  readonly more: boolean;
}

const byAge = (a: Operation, b: Operation): number =>
  b.started_at.localeCompare(a.started_at) || b.id.localeCompare(a.id);

/**
 * Journals as one, newest first. What is older than the oldest of a journal that goes on is left out: others of that
 * journal, not yet read, belong between them.
 */
export function merged(journals: readonly Journal[]): readonly Entry[] {
  const from = journals
    .flatMap(({ operations, more }) => (more ? (operations.at(-1)?.started_at ?? []) : []))
    .toSorted()
    .at(-1);
  return journals
    .flatMap(({ service, operations }) => operations.map((one) => ({ ...one, service })))
    .filter(({ started_at }) => from === undefined || started_at >= from)
    .toSorted(byAge);
}

/** The journal to read on in: of those that go on, the one whose oldest is the newest. */
export const next = (journals: readonly Journal[]): OperationService | null =>
  journals
    .filter(({ more }) => more)
    .toSorted((a, b) => (b.operations.at(-1)?.started_at ?? '').localeCompare(a.operations.at(-1)?.started_at ?? ''))[0]
    ?.service ?? null;

export interface OperationFilter {
  readonly project: string | null;
  /** Every word must be found in what `textOf` gives. */
  readonly text: string;
}
export function filtered(
  entries: readonly Entry[],
  { project, text }: OperationFilter,
  textOf: (entry: Entry) => string,
): readonly Entry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter((entry) => {
    if (project !== null && entry.project_id !== project) return false;
    if (words.length === 0) return true;
    const within = textOf(entry).toLowerCase();
    return words.every((word) => within.includes(word));
  });
}

export const goesOn = ({ status }: Operation): boolean =>
  status === 'pending' || status === 'running' || status === 'undoing';

/** How long it took, or has taken by now. Seconds. */
export const seconds = (from: string, to: string | null, nowMs: number): number =>
  Math.max(0, ((to === null ? nowMs : Date.parse(to)) - Date.parse(from)) / 1000);
