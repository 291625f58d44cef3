import type { RequestContext } from '#common/auth/context.ts';
import type { Database } from '#common/db/database.ts';
import type { NovaTables } from '../tables.ts';
import { Ec2Error } from './errors.ts';
import { idOfNumber, numbersOf, serverIdsOf, type NumberedKind } from './rows.ts';

type Db = Database<NovaTables>;

/** `i-0000002a` */
export const ec2Id = (prefix: string, num: number): string => `${prefix}-${num.toString(16).padStart(8, '0')}`;

const numberIn = (id: string, prefixes: readonly string[]): number | null => {
  const match = /^([a-z]+)-([0-9a-f]{1,8})$/i.exec(id);
  return match && prefixes.includes(match[1] as string) ? Number.parseInt(match[2] as string, 16) : null;
};

const words: Readonly<Record<NumberedKind, { prefixes: readonly string[]; code: string; label: string }>> = {
  image: { prefixes: ['ami', 'aki', 'ari'], code: 'InvalidAMIID', label: 'Image' },
  volume: { prefixes: ['vol'], code: 'InvalidVolume', label: 'Volume' },
  snapshot: { prefixes: ['snap'], code: 'InvalidSnapshot', label: 'Snapshot' },
};

/**
 * The UUID behind `ami-…`, `vol-…` or `snap-…`. Whether the caller may see it is the other service's to say.
 * @throws Ec2Error Malformed, NotFound
 */
export async function uuidOf(db: Db, kind: NumberedKind, id: string): Promise<string> {
  const { prefixes, code, label } = words[kind];
  const num = numberIn(id, prefixes);
  if (num === null)
    throw new Ec2Error(400, `${code}.Malformed`, `Invalid id: "${id}" (expecting "${prefixes[0]}-...")`);
  const found = await idOfNumber(db.query, kind, num);
  if (found === null) throw new Ec2Error(404, `${code}.NotFound`, `${label} ${id} could not be found.`);
  return found;
}

/** The EC2 ids of UUIDs. */
export async function ec2Ids(
  db: Db,
  kind: NumberedKind,
  ids: readonly (string | null | undefined)[],
  prefix = words[kind].prefixes[0] as string,
): Promise<(id: string | null | undefined) => string | null> {
  const known = await numbersOf(
    db.query,
    kind,
    ids.filter((id): id is string => typeof id === 'string' && id !== ''),
  );
  return (id) => (id && known.has(id) ? ec2Id(prefix, known.get(id) as number) : null);
}

/**
 * UUIDs of servers `i-…`; an administrator finds those of all projects.
 * @throws Ec2Error InvalidInstanceID.Malformed, InvalidInstanceID.NotFound
 */
export async function serverUuids(db: Db, ctx: RequestContext, ids: readonly string[]): Promise<string[]> {
  const nums = ids.map((id) => {
    const num = numberIn(id, ['i']);
    if (num === null) throw new Ec2Error(400, 'InvalidInstanceID.Malformed', `Invalid id: "${id}" (expecting "i-...")`);
    return num;
  });
  const found = await serverIdsOf(db.query, nums, ctx.isAdmin ? null : (ctx.projectId ?? ''));
  return nums.map((num, index) => {
    const id = found.get(num);
    if (id === undefined)
      throw new Ec2Error(404, 'InvalidInstanceID.NotFound', `Instance ${ids[index]} could not be found.`);
    return id;
  });
}
