import { badRequest, conflict, notFound } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import { typeNotFound } from '../api/errors.ts';
import type { Kit } from '../api/kit.ts';
import type { PageRequest } from '../api/paging.ts';
import { renameTypeLimits } from '../quotas/rows.ts';
import { isTypeInUse } from '../volumes/rows.ts';
import { defaultType, mayUse } from './choose.ts';
import * as rows from './rows.ts';
import type { TypeEncryption, TypeFilter, VolumeType } from './rows.ts';

export interface TypeChange {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  readonly isPublic?: boolean | undefined;
}

/** The rules of volume types: administrators make them, projects choose among those that they may use. */
export class TypeService {
  readonly kit: Kit;

  constructor(kit: Kit) {
    this.kit = kit;
  }

  /** @throws ApiError 404 for a private one without access, too */
  async find(ctx: RequestContext, id: string): Promise<VolumeType> {
    const type = await rows.findType(this.kit.db.query, id);
    if (!type || !(await mayUse(this.kit.db.query, ctx, type))) throw typeNotFound(id);
    return type;
  }

  async default(ctx: RequestContext): Promise<VolumeType> {
    const { conf, db } = this.kit;
    const type = await defaultType(db.query, ctx.projectId, conf.DEFAULT.default_volume_type);
    if (!type) throw notFound('Default volume type can not be found.');
    return type;
  }

  async list(filter: TypeFilter, page: PageRequest): Promise<readonly VolumeType[]> {
    const db = this.kit.db.query;
    let marker: Record<string, unknown> | undefined;
    if (page.marker !== undefined) {
      marker = (await rows.findTypeMarker(db, page.marker)) ?? undefined;
      if (!marker) throw typeNotFound(page.marker);
    }
    return page.limit === 0 ? [] : rows.listTypes(db, filter, { ...page, marker });
  }

  async create(
    type: Required<Omit<TypeChange, 'name'>> & {
      readonly name: string;
      readonly extraSpecs: Readonly<Record<string, string>>;
    },
  ): Promise<VolumeType> {
    const { kit } = this;
    const id = kit.ids.uuid();
    await rows
      .insertType(kit.db.query, {
        id,
        name: type.name,
        description: type.description ?? null,
        is_public: type.isPublic ? 1 : 0,
        extra_specs: JSON.stringify(type.extraSpecs),
        qos_specs_id: null,
        encryption: null,
        created_at: kit.now(),
        updated_at: null,
      })
      .catch((error: unknown) => {
        throw isDuplicateKey(error) ? conflict(`Volume Type ${type.name} already exists.`) : error;
      });
    return (await rows.findType(kit.db.query, id)) as VolumeType;
  }

  async update(ctx: RequestContext, id: string, { name, description, isPublic }: TypeChange): Promise<VolumeType> {
    const { kit } = this;
    const type = await this.find(ctx, id);
    if (name === undefined && description === undefined && isPublic === undefined)
      throw badRequest('Specify volume type name, description, is_public or a combination thereof.');
    if (name !== undefined && name.trim() === '') throw badRequest('Volume type name can not be empty.');
    await kit.db
      .transaction(async (trx) => {
        if (name !== undefined && name !== type.name) await renameTypeLimits(trx, type.name, name.trim());
        await rows.updateType(trx, id, {
          ...(name !== undefined && { name: name.trim() }),
          ...(description !== undefined && { description }),
          ...(isPublic !== undefined && { is_public: isPublic ? 1 : 0 }),
          updated_at: kit.now(),
        });
      })
      .catch((error: unknown) => {
        throw isDuplicateKey(error) ? conflict(`Volume Type ${name} already exists.`) : error;
      });
    return this.find(ctx, id);
  }

  async delete(ctx: RequestContext, id: string): Promise<void> {
    const { kit } = this;
    const type = await this.find(ctx, id);
    if (type.name === kit.conf.DEFAULT.default_volume_type)
      throw badRequest(`The volume type ${id} is the default volume type and cannot be deleted.`);
    await kit.db.transaction(async (trx) => {
      if (await isTypeInUse(trx, id)) throw badRequest('Target volume type is still in use.');
      if ((await rows.defaultTypes(trx)).some((one) => one.typeId === id))
        throw badRequest(`The volume type ${id} is the default volume type of a project and cannot be deleted.`);
      await rows.deleteType(trx, id);
    });
  }

  /** @throws ApiError 400 while volumes have the type, unless the operator allows it */
  async changeSpecs(
    ctx: RequestContext,
    id: string,
    change: (known: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
  ): Promise<void> {
    const { kit } = this;
    await kit.db.transaction(async (trx) => {
      const type = await rows.findType(trx, id);
      if (!type || !(await mayUse(trx, ctx, type))) throw typeNotFound(id);
      if (!kit.conf.DEFAULT.allow_inuse_volume_type_modification && (await isTypeInUse(trx, id)))
        throw badRequest(
          `Volume Type is currently in use. Set allow_inuse_volume_type_modification = True in cinder.conf to change it all the same.`,
        );
      await rows.updateType(trx, id, {
        extra_specs: JSON.stringify(change(type.extraSpecs)),
        updated_at: kit.now(),
      });
    });
  }

  /** Access to a private type. @throws ApiError 404, 409 */
  async changeAccess(ctx: RequestContext, id: string, projectId: string, allowed: boolean): Promise<void> {
    const db = this.kit.db.query;
    const type = await this.find(ctx, id);
    if (type.isPublic) throw conflict('Type access modification is not applicable to public volume type.');
    if (allowed)
      await rows.addTypeAccess(db, id, projectId).catch((error: unknown) => {
        throw isDuplicateKey(error)
          ? conflict(`Volume type access for ${id} / ${projectId} combination already exists.`)
          : error;
      });
    else if (!(await rows.removeTypeAccess(db, id, projectId)))
      throw notFound(`Volume type access not found for ${id} / ${projectId} combination.`);
  }

  /** @throws ApiError 400 while volumes have the type */
  async setEncryption(ctx: RequestContext, id: string, encryption: TypeEncryption | null): Promise<void> {
    const { db } = this.kit;
    await this.find(ctx, id);
    if (await isTypeInUse(db.query, id))
      throw badRequest(`Cannot ${encryption ? 'change' : 'delete'} encryption specs. Volume type in use.`);
    await rows.updateType(db.query, id, { encryption: encryption && JSON.stringify(encryption) });
  }
}
