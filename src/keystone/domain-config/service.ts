import type { ApiError } from '#common/api/errors.ts';
import { badRequest, forbidden, notFound } from '#common/api/errors.ts';
import type { Changes, Db } from '../changes.ts';
import type { DomainService } from '../domains/service.ts';
import { domainConfigDefaults, domainConfigSecrets } from './defaults.ts';
import { deleteDomainConfig, readDomainConfig, storeDomainConfig, type DomainConfig } from './rows.ts';

export interface DomainConfigDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly domains: DomainService;
}

/** Settings that a domain has of its own. They are kept and shown; users are always those of the database. */
export class DomainConfigService {
  readonly #deps: DomainConfigDeps;

  constructor(deps: DomainConfigDeps) {
    this.#deps = deps;
  }

  /** What is so unless set: all, of a group, or of one option. @throws ApiError 403 for a group or option that may not be set */
  defaults(group?: string, option?: string): Readonly<Record<string, unknown>> {
    if (group === undefined) return domainConfigDefaults;
    mayBeSet(group, option);
    const options = domainConfigDefaults[group] ?? {};
    return option === undefined ? { [group]: options } : { [option]: options[option] ?? null };
  }

  /** All, a group, or one option (by its name alone). @throws ApiError 403, 404 when it was not set */
  async get(domainId: string, group?: string, option?: string): Promise<Readonly<Record<string, unknown>>> {
    await this.#deps.domains.get(domainId);
    if (group !== undefined) mayBeSet(group, option);
    const config = await this.#shown(domainId);
    if (group === undefined) {
      if (Object.keys(config).length === 0) throw missing('', domainId);
      return config;
    }
    const options = config[group];
    if (!options) throw missing(`group ${group}`, domainId);
    if (option === undefined) return { [group]: options };
    if (!Object.hasOwn(options, option)) throw missing(`option ${option} in group ${group}`, domainId);
    return { [option]: options[option] };
  }

  /** In place of what was set. @returns whether nothing was */
  async replace(
    domainId: string,
    config: unknown,
  ): Promise<{ readonly config: DomainConfig; readonly created: boolean }> {
    await this.#deps.domains.get(domainId);
    const wanted = wholeConfig(config);
    const created = Object.keys(await this.#shown(domainId)).length === 0;
    await this.#deps.changes.write(async (trx) => {
      await deleteDomainConfig(trx, domainId);
      await storeDomainConfig(trx, domainId, wanted);
    });
    return { config: await this.#shown(domainId), created };
  }

  /**
   * Over what was set: all of `config`, or what it says of a group or an option.
   * @throws ApiError 400, 403, 404 when the group or the option was not set
   */
  async update(domainId: string, config: unknown, group?: string, option?: string): Promise<DomainConfig> {
    await this.get(domainId, group, option);
    const wanted = partOf(config, group, option);
    await this.#deps.changes.write((trx) => storeDomainConfig(trx, domainId, wanted));
    return this.#shown(domainId);
  }

  /** @throws ApiError 403, 404 when it was not set */
  async delete(domainId: string, group?: string, option?: string): Promise<void> {
    await this.get(domainId, group, option);
    await this.#deps.changes.write((trx) => deleteDomainConfig(trx, domainId, group, option));
  }

  async #shown(domainId: string): Promise<DomainConfig> {
    const config = await readDomainConfig(this.#deps.db, domainId);
    return Object.fromEntries(
      Object.entries(config).map(([group, options]) => [
        group,
        Object.fromEntries(Object.entries(options).filter(([option]) => !domainConfigSecrets[group]?.includes(option))),
      ]),
    );
  }
}

const missing = (what: string, domainId: string): ApiError =>
  notFound(
    `Could not find ${what === '' ? 'domain configuration' : `${what} in domain configuration`} for domain ${domainId}.`,
  );

/** @throws ApiError 403 */
function mayBeSet(group: string, option?: string): void {
  const options = domainConfigDefaults[group];
  if (!options)
    throw forbidden(
      `Invalid domain specific configuration: Group ${group} is not supported for domain specific configurations.`,
    );
  if (option !== undefined && !Object.hasOwn(options, option) && !domainConfigSecrets[group]?.includes(option))
    throw forbidden(
      `Invalid domain specific configuration: Option ${option} in group ${group} is not supported for domain specific configurations.`,
    );
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws ApiError 400 for another form, 403 for options that may not be set */
function wholeConfig(config: unknown): DomainConfig {
  if (!isObject(config) || Object.keys(config).length === 0)
    throw badRequest('Invalid domain specific configuration: No options specified.');
  for (const [group, options] of Object.entries(config)) {
    if (!isObject(options))
      throw badRequest(`Invalid domain specific configuration: The value of group ${group} is no object.`);
    mayBeSet(group);
    for (const option of Object.keys(options)) mayBeSet(group, option);
  }
  return config as DomainConfig;
}

function partOf(config: unknown, group?: string, option?: string): DomainConfig {
  if (group === undefined || !isObject(config)) return wholeConfig(config);
  if (option !== undefined) {
    if (Object.keys(config).length !== 1 || !Object.hasOwn(config, option))
      throw badRequest(
        `Invalid domain specific configuration: Trying to update option ${option} in group ${group}, so that, and only that, option must be specified in the config.`,
      );
    return wholeConfig({ [group]: config });
  }
  if (Object.keys(config).length !== 1 || !Object.hasOwn(config, group))
    throw badRequest(
      `Invalid domain specific configuration: Trying to update group ${group}, so that, and only that, group must be specified in the config.`,
    );
  return wholeConfig(config);
}
