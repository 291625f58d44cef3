import type { Ids } from '#common/ids.ts';
import type { Endpoint } from '../catalog/model.ts';
import { listEndpoints } from '../catalog/rows.ts';
import type { CatalogStore } from '../catalog/service.ts';
import type { Changes, Db } from '../changes.ts';
import { couldNotFind } from '../errors.ts';
import type { Project } from '../projects/model.ts';
import { listProjects } from '../projects/rows.ts';
import type { ProjectService } from '../projects/service.ts';
import { fits, isIn, type EndpointGroup } from './model.ts';
import * as rows from './rows.ts';

export interface EndpointFilterDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly ids: Ids;
  readonly catalog: CatalogStore;
  readonly projects: ProjectService;
}

/** OS-EP-FILTER: which endpoints a project has in its catalogue. */
export class EndpointFilterService {
  readonly #deps: EndpointFilterDeps;

  constructor(deps: EndpointFilterDeps) {
    this.#deps = deps;
  }

  list(name?: string): Promise<EndpointGroup[]> {
    return rows.listGroups(this.#deps.db, name);
  }

  /** @throws ApiError 404 */
  async get(id: string): Promise<EndpointGroup> {
    const group = await rows.findGroup(this.#deps.db, id);
    if (!group) throw couldNotFind('Endpoint Group', id);
    return group;
  }

  async create(input: Omit<EndpointGroup, 'id'>): Promise<EndpointGroup> {
    const group = { id: this.#deps.ids.hex32(), ...input };
    await this.#change((trx) => rows.insertGroup(trx, group));
    return group;
  }

  /** @throws ApiError 404 */
  async update(id: string, patch: Partial<Omit<EndpointGroup, 'id'>>): Promise<EndpointGroup> {
    const old = await this.get(id);
    const group = { ...old, ...patch };
    await this.#change((trx) => rows.updateGroup(trx, group));
    return group;
  }

  /** @throws ApiError 404 */
  async delete(id: string): Promise<void> {
    await this.get(id);
    await this.#change((trx) => rows.deleteGroup(trx, id));
  }

  /** The endpoints in a group. @throws ApiError 404 */
  async endpointsOfGroup(id: string): Promise<Endpoint[]> {
    const { filters } = await this.get(id);
    return (await listEndpoints(this.#deps.db)).filter((one) => fits(filters, one));
  }

  /** The endpoints that a project has of its own, one by one and in groups. @throws ApiError 404 */
  async endpointsOfProject(projectId: string): Promise<Endpoint[]> {
    await this.#deps.projects.get(projectId);
    const filters = await rows.projectFilters(this.#deps.db, projectId);
    return (await listEndpoints(this.#deps.db)).filter((one) => isIn(filters, one));
  }

  /** @throws ApiError 404 */
  async groupsOfProject(projectId: string): Promise<readonly EndpointGroup[]> {
    await this.#deps.projects.get(projectId);
    return (await rows.projectFilters(this.#deps.db, projectId)).groups;
  }

  /** @throws ApiError 404 */
  async projectsOfEndpoint(endpointId: string): Promise<Project[]> {
    await this.#deps.catalog.endpoint(endpointId);
    return this.#projects(await rows.projectsOfEndpoint(this.#deps.db, endpointId));
  }

  /** @throws ApiError 404 */
  async projectsOfGroup(groupId: string): Promise<Project[]> {
    await this.get(groupId);
    return this.#projects(await rows.projectsOfGroup(this.#deps.db, groupId));
  }

  /** @throws ApiError 404 */
  async addEndpoint(projectId: string, endpointId: string): Promise<void> {
    await this.#bothOfEndpoint(projectId, endpointId);
    await this.#change((trx) => rows.addEndpoint(trx, projectId, endpointId));
  }

  /** @throws ApiError 404, also when the project has it not */
  async checkEndpoint(projectId: string, endpointId: string): Promise<void> {
    await this.#bothOfEndpoint(projectId, endpointId);
    if (!(await rows.projectFilters(this.#deps.db, projectId)).endpointIds.has(endpointId))
      throw couldNotFind('endpoint', `${endpointId} in project ${projectId}`);
  }

  /** @throws ApiError 404 */
  async removeEndpoint(projectId: string, endpointId: string): Promise<void> {
    await this.#bothOfEndpoint(projectId, endpointId);
    if (!(await this.#change((trx) => rows.removeEndpoint(trx, projectId, endpointId))))
      throw couldNotFind('endpoint', `${endpointId} in project ${projectId}`);
  }

  /** @throws ApiError 404 */
  async addGroup(projectId: string, groupId: string): Promise<void> {
    await this.#bothOfGroup(projectId, groupId);
    await this.#change((trx) => rows.addGroup(trx, projectId, groupId));
  }

  /** @throws ApiError 404, also when the project has it not */
  async checkGroup(projectId: string, groupId: string): Promise<void> {
    await this.#bothOfGroup(projectId, groupId);
    if (!(await this.groupsOfProject(projectId)).some((group) => group.id === groupId))
      throw couldNotFind('Endpoint Group Project Association', `${groupId} of project ${projectId}`);
  }

  /** @throws ApiError 404 */
  async removeGroup(projectId: string, groupId: string): Promise<void> {
    await this.checkGroup(projectId, groupId);
    await this.#change((trx) => rows.removeGroup(trx, projectId, groupId));
  }

  async #bothOfEndpoint(projectId: string, endpointId: string): Promise<void> {
    await this.#deps.catalog.endpoint(endpointId);
    await this.#deps.projects.get(projectId);
  }

  async #bothOfGroup(projectId: string, groupId: string): Promise<void> {
    await this.get(groupId);
    await this.#deps.projects.get(projectId);
  }

  async #projects(ids: readonly string[]): Promise<Project[]> {
    return ids.length === 0 ? [] : listProjects(this.#deps.db, { ids });
  }

  #change<T>(work: (trx: Db) => Promise<T>): Promise<T> {
    return this.#deps.changes.write((trx, touch) => {
      touch('all');
      return work(trx);
    });
  }
}
