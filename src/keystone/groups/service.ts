import { isDuplicateKey } from '#common/db/errors.ts';
import type { Ids } from '#common/ids.ts';
import { mergeExtra } from '../api/extra.ts';
import type { ListPage } from '../api/lists.ts';
import type { Changes, Db } from '../changes.ts';
import { conflictStoring, couldNotFind } from '../errors.ts';
import { findProject } from '../projects/rows.ts';
import { defined } from '../projects/service.ts';
import { findUser } from '../users/rows.ts';
import type { Group, GroupFilter, GroupPatch, NewGroup } from './model.ts';
import * as rows from './rows.ts';

export interface GroupDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly ids: Ids;
  readonly defaultDomainId: string;
}

/** Groups of users, which have roles as users have. */
export class GroupService {
  readonly #deps: GroupDeps;

  constructor(deps: GroupDeps) {
    this.#deps = deps;
  }

  list(filter: GroupFilter, page?: ListPage): Promise<Group[]> {
    return rows.listGroups(this.#deps.db, filter, page);
  }

  /** @throws ApiError 404 */
  async get(id: string): Promise<Group> {
    const group = await rows.findGroup(this.#deps.db, id);
    if (!group) throw couldNotFind('group', id);
    return group;
  }

  /** @throws ApiError 404 domain, 409 name taken */
  async create(input: NewGroup): Promise<Group> {
    const { db, ids, changes, defaultDomainId } = this.#deps;
    const domainId = input.domainId ?? defaultDomainId;
    if (!(await findProject(db, domainId))?.isDomain) throw couldNotFind('domain', domainId);
    const { name, description = '', extra = {} } = input;
    const group: Group = { id: ids.hex32(), name, domainId, description, extra };
    await nameTaken(group, () => changes.write((trx) => rows.insertGroup(trx, group)));
    return group;
  }

  /** @throws ApiError 404, 409 */
  async update(id: string, patch: GroupPatch): Promise<Group> {
    const old = await this.get(id);
    const { name, description } = patch;
    const group: Group = {
      ...old,
      ...defined({ name, description }),
      extra: mergeExtra(old.extra, patch.extra ?? {}),
    };
    await nameTaken(group, () => this.#deps.changes.write((trx) => rows.updateGroup(trx, group)));
    return group;
  }

  /** @throws ApiError 404 */
  async delete(id: string): Promise<void> {
    await this.get(id);
    await this.#deps.changes.write(async (trx, touch) => {
      await rows.deleteGroup(trx, id);
      touch('all');
    });
  }

  /** @throws ApiError 404 group or user */
  async addMember(groupId: string, userId: string): Promise<void> {
    await this.#both(groupId, userId);
    await this.#deps.changes.write(async (trx, touch) => {
      await rows.addMember(trx, groupId, userId);
      touch({ user: userId });
    });
  }

  /** @throws ApiError 404 group, user, or not a member */
  async checkMember(groupId: string, userId: string): Promise<void> {
    await this.#both(groupId, userId);
    if (!(await rows.isMember(this.#deps.db, groupId, userId)))
      throw couldNotFind('user', `${userId}' in group '${groupId}`);
  }

  /** @throws ApiError 404 group, user, or not a member */
  async removeMember(groupId: string, userId: string): Promise<void> {
    await this.checkMember(groupId, userId);
    await this.#deps.changes.write(async (trx, touch) => {
      await rows.removeMember(trx, groupId, userId);
      touch({ user: userId });
    });
  }

  async #both(groupId: string, userId: string): Promise<void> {
    await this.get(groupId);
    if (!(await findUser(this.#deps.db, userId))) throw couldNotFind('user', userId);
  }
}

async function nameTaken(group: Group, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw conflictStoring('group', `Duplicate entry found with name ${group.name} at domain ID ${group.domainId}`);
  }
}
