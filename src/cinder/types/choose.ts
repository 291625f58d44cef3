import type { RequestContext } from '#common/auth/context.ts';
import type { Queryable } from '#common/db/database.ts';
import { typeNameNotFound, typeNotFound } from '../api/errors.ts';
import type { CinderTables } from '../tables.ts';
import { defaultTypes, findType, findTypeByName, hasTypeAccess, type VolumeType } from './rows.ts';

type Db = Queryable<CinderTables>;

const isId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** A private type is there only for projects that were given access. */
export const mayUse = async (db: Db, ctx: RequestContext, type: VolumeType, projectId = ctx.projectId) =>
  type.isPublic || ctx.isAdmin || (projectId !== null && (await hasTypeAccess(db, type.id, projectId)));

/** By name or id, as a request for a volume names it. @throws ApiError 404 */
export async function requestedType(db: Db, ctx: RequestContext, wanted: string): Promise<VolumeType> {
  const type = (await findTypeByName(db, wanted)) ?? (isId(wanted) ? await findType(db, wanted) : null);
  if (!type || !(await mayUse(db, ctx, type))) throw isId(wanted) ? typeNotFound(wanted) : typeNameNotFound(wanted);
  return type;
}

/** The project's own default, else the configured one; null when there is none of that name. */
export async function defaultType(db: Db, projectId: string | null, configured: string): Promise<VolumeType | null> {
  const [own] = projectId === null ? [] : await defaultTypes(db, projectId);
  if (own) {
    const type = await findType(db, own.typeId);
    if (type) return type;
  }
  return configured === '' ? null : findTypeByName(db, configured);
}

/** `<is> True` */
export const isTrueSpec = (spec: string | undefined): boolean => /^(<is>\s*)?true$/i.test(spec ?? '');
