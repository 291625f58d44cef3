import { forbidden } from '#common/api/errors.ts';
import type { Ids } from '#common/ids.ts';
import { mergeExtra, withoutNulls } from '../api/extra.ts';
import type { ListPage } from '../api/lists.ts';
import type { Changes, Db } from '../changes.ts';
import { couldNotFind, immutableResource } from '../errors.ts';
import { deleteDomainContent } from './rows.ts';
import type { NewProject, Project, ProjectFilter, ProjectPatch } from '../projects/model.ts';
import * as rows from '../projects/rows.ts';
import { defined, explainTakenName } from '../projects/service.ts';
import type { Revocations } from '../tokens/revocations.ts';

export interface DomainDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly revocations: Revocations;
  readonly ids: Ids;
}

/** Domains: projects of their own kind, which hold projects, users and groups. */
export class DomainService {
  readonly #deps: DomainDeps;

  constructor(deps: DomainDeps) {
    this.#deps = deps;
  }

  list(filter: Pick<ProjectFilter, 'name' | 'enabled' | 'ids'>, page?: ListPage): Promise<Project[]> {
    return rows.listProjects(this.#deps.db, { ...filter, isDomain: true }, page);
  }

  /** @throws ApiError 404 */
  async get(id: string): Promise<Project> {
    const domain = await rows.findProject(this.#deps.db, id);
    if (!domain?.isDomain) throw couldNotFind('domain', id);
    return domain;
  }

  findByName(name: string): Promise<Project | undefined> {
    return rows.findProjectByName(this.#deps.db, name, null);
  }

  /** @throws ApiError 409 name or id taken */
  async create(input: NewProject): Promise<Project> {
    const domain: Project = {
      id: input.id ?? this.#deps.ids.hex32(),
      name: input.name,
      domainId: null,
      parentId: null,
      isDomain: true,
      description: input.description ?? '',
      enabled: input.enabled ?? true,
      tags: [...new Set(input.tags ?? [])].sort(),
      options: input.options ?? {},
      extra: input.extra ?? {},
    };
    await explainTakenName(domain, () => this.#deps.changes.write((trx) => rows.insertProject(trx, domain)));
    return domain;
  }

  /** @throws ApiError 403 immutable, 404, 409 */
  async update(id: string, patch: ProjectPatch): Promise<Project> {
    const old = await this.get(id);
    if (old.options['immutable'] === true && patch.options?.['immutable'] !== false)
      throw immutableResource('update', 'domain', id);
    const domain: Project = {
      ...old,
      ...defined({ name: patch.name, description: patch.description, enabled: patch.enabled, tags: patch.tags }),
      options: withoutNulls(mergeExtra(old.options, patch.options ?? {})),
      extra: mergeExtra(old.extra, patch.extra ?? {}),
    };
    await explainTakenName(domain, () =>
      this.#deps.changes.write(async (trx, touch) => {
        await rows.updateProject(trx, domain);
        if (old.enabled && !domain.enabled) await this.#deps.revocations.domain(trx, touch, id);
        touch('all');
      }),
    );
    return domain;
  }

  /** With everything in it. @throws ApiError 403 while it is enabled, 404 */
  async delete(id: string): Promise<void> {
    const domain = await this.get(id);
    if (domain.enabled) throw forbidden('Cannot delete a domain that is enabled, please disable it first.');
    if (domain.options['immutable'] === true) throw immutableResource('delete', 'domain', id);
    await this.#deps.changes.write(async (trx, touch) => {
      await deleteDomainContent(trx, id);
      await rows.deleteProjects(trx, [id]);
      touch('all');
    });
  }
}
