import { badRequest, conflict, forbidden } from '#common/api/errors.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { Ids } from '#common/ids.ts';
import { mergeExtra, withoutNulls } from '../api/extra.ts';
import type { ListPage } from '../api/lists.ts';
import type { Changes, Db } from '../changes.ts';
import { couldNotFind, immutableResource } from '../errors.ts';
import type { Revocations } from '../tokens/revocations.ts';
import type { NewProject, Project, ProjectFilter, ProjectPatch } from './model.ts';
import { idsBelow, projectsAbove } from './hierarchy-rows.ts';
import * as rows from './rows.ts';

export interface ProjectDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly revocations: Revocations;
  readonly ids: Ids;
  readonly defaultDomainId: string;
  /** How many projects may lie one below the other. */
  readonly maxDepth: number;
}

/** Projects (v2.0: tenants). */
export class ProjectService {
  readonly #deps: ProjectDeps;

  constructor(deps: ProjectDeps) {
    this.#deps = deps;
  }

  list(filter: ProjectFilter, page?: ListPage): Promise<Project[]> {
    return rows.listProjects(this.#deps.db, filter, page);
  }

  /** @throws ApiError 404 */
  async get(id: string): Promise<Project> {
    const project = await rows.findProject(this.#deps.db, id);
    if (!project) throw couldNotFind('project', id);
    return project;
  }

  findByName(name: string, domainId: string): Promise<Project | undefined> {
    return rows.findProjectByName(this.#deps.db, name, domainId);
  }

  /** @throws ApiError 400 for a parent that cannot be, 404 domain, 409 name taken */
  async create(input: NewProject): Promise<Project> {
    const { ids, changes, defaultDomainId } = this.#deps;
    const parent = input.parentId == null ? undefined : await this.get(input.parentId);
    const domainId = input.domainId ?? (parent ? (parent.domainId ?? parent.id) : defaultDomainId);
    const domain = await rows.findProject(this.#deps.db, domainId);
    if (!domain?.isDomain) throw couldNotFind('domain', domainId);
    if (parent && (parent.domainId ?? parent.id) !== domainId)
      throw badRequest(`Invalid parent: project ${parent.id} is not within domain ${domainId}.`);
    if (parent && !parent.isDomain) await this.#mayHoldProjects(parent);
    const project: Project = {
      id: input.id ?? ids.hex32(),
      name: input.name,
      domainId,
      parentId: parent?.id ?? domainId,
      isDomain: false,
      description: input.description ?? '',
      enabled: input.enabled ?? true,
      tags: [...new Set(input.tags ?? [])].sort(),
      options: input.options ?? {},
      extra: input.extra ?? {},
    };
    await explainTakenName(project, () => changes.write((trx) => rows.insertProject(trx, project)));
    return project;
  }

  /** The projects above one, its parent first; without its domain. @throws ApiError 404 */
  async above(id: string): Promise<Project[]> {
    await this.get(id);
    const ids = (await projectsAbove(this.#deps.db, id))?.projectIds ?? [];
    return this.#inOrder(ids);
  }

  /** All projects below one, level by level. @throws ApiError 404 */
  async below(id: string): Promise<Project[]> {
    await this.get(id);
    return this.#inOrder(await idsBelow(this.#deps.db, id));
  }

  /**
   * @param cascade disables what is below too
   * @throws ApiError 400, 403 immutable, or enabled below what is disabled, 404, 409
   */
  async update(id: string, patch: ProjectPatch, cascade = false): Promise<Project> {
    const { changes, revocations } = this.#deps;
    const old = await this.get(id);
    if (old.isDomain) throw couldNotFind('project', id);
    if (patch.domainId !== undefined && patch.domainId !== old.domainId)
      throw badRequest('Domain id of a project cannot be changed.');
    if (patch.parentId !== undefined && patch.parentId !== old.parentId)
      throw forbidden('Invalid value for parent_id: the parent of a project cannot be changed.');
    if (old.options['immutable'] === true && patch.options?.['immutable'] !== false)
      throw immutableResource('update', 'project', id);
    const project: Project = {
      ...old,
      ...defined({ name: patch.name, description: patch.description, enabled: patch.enabled }),
      ...(patch.tags && { tags: [...new Set(patch.tags)].sort() }),
      options: withoutNulls(mergeExtra(old.options, patch.options ?? {})),
      extra: mergeExtra(old.extra, patch.extra ?? {}),
    };
    const ended = old.enabled && !project.enabled ? await this.#toDisable(id, cascade) : [];
    if (!old.enabled && project.enabled && (await this.above(id)).some((one) => !one.enabled))
      throw forbidden(`cannot enable project ${id} since it has disabled parents`);
    await explainTakenName(project, () =>
      changes.write(async (trx, touch) => {
        await rows.updateProject(trx, project);
        for (const one of ended) {
          if (one !== id) await rows.disableProject(trx, one);
          await revocations.project(trx, touch, one);
        }
        touch({ project: id });
      }),
    );
    return project;
  }

  /**
   * @param cascade with all that is below, which must be disabled
   * @throws ApiError 403 when it has children or is immutable, 404
   */
  async delete(id: string, cascade = false): Promise<void> {
    const project = await this.get(id);
    if (project.isDomain) throw couldNotFind('project', id);
    const below = cascade ? await this.below(id) : [];
    for (const one of [project, ...below])
      if (one.options['immutable'] === true) throw immutableResource('delete', 'project', one.id);
    if (below.some((one) => one.enabled))
      throw forbidden(`Cannot delete project ${id} since its subtree contains enabled projects.`);
    const ids = [id, ...below.map((one) => one.id)];
    await this.#deps.changes.write(async (trx, touch) => {
      if (!cascade && (await rows.countChildren(trx, id)) > 0)
        throw forbidden(
          `Cannot delete the project ${id} since it is not a leaf in the hierarchy. Use the cascade option if you want to delete a whole subtree.`,
        );
      await rows.deleteProjects(trx, ids);
      for (const one of ids) touch({ project: one });
    });
  }

  async #mayHoldProjects(parent: Project): Promise<void> {
    const above = await this.above(parent.id);
    if (above.length + 2 > this.#deps.maxDepth) throw forbidden(`Max hierarchy depth reached for ${parent.id} branch.`);
    const disabled = [parent, ...above].find((one) => !one.enabled);
    if (disabled) throw forbidden(`cannot create a project in a branch containing a disabled project: ${disabled.id}`);
  }

  async #toDisable(id: string, cascade: boolean): Promise<string[]> {
    const enabled = (await this.below(id)).filter((one) => one.enabled).map((one) => one.id);
    if (enabled.length > 0 && !cascade)
      throw forbidden(`cannot disable project ${id} since its subtree contains enabled projects.`);
    return [id, ...enabled];
  }

  async #inOrder(ids: readonly string[]): Promise<Project[]> {
    if (ids.length === 0) return [];
    const found = new Map((await this.list({ ids })).map((one) => [one.id, one]));
    return ids.flatMap((one) => found.get(one) ?? []);
  }
}

/** The properties that are not undefined. */
export function defined<T extends Record<string, unknown>>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** Says a duplicate key in Keystone's words. */
export async function explainTakenName<T>(project: Project, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    const what = project.isDomain ? 'domain' : 'project';
    throw conflict(
      `Conflict occurred attempting to store ${what} - it is not permitted to have two ${what}s with either the same ` +
        `name or same id${project.isDomain ? '' : ' in the same domain'}: name is ${project.name}, ${what} id ${project.id}.`,
    );
  }
}
