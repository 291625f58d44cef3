import { badRequest, forbidden } from '#common/api/errors.ts';
import type { ApiVersion } from '#common/api/version.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import type { SortKey } from '#common/db/pagination.ts';
import { compileNamePattern, isPlainText } from './name-pattern.ts';
import { powerNumber, statesOfStatus, type StatusMatch } from './states.ts';

/** Which servers a list shows, in the rows' words. */
export interface ServerFilter {
  /** Column → exact value; null for "is not set". */
  readonly equal?: Readonly<Record<string, string | number | null>>;
  /** False leaves out those that are soft-deleted. */
  readonly softDeleted?: false;
  readonly deleted?: boolean;
  readonly ids?: readonly string[];
  readonly changesSince?: string;
  readonly changesBefore?: string;
  readonly nameContains?: string;
  readonly locked?: boolean;
  readonly addressPrefixes?: readonly string[];
  readonly metadata?: readonly (readonly [string, string])[];
  readonly tags?: {
    readonly all?: readonly string[];
    readonly any?: readonly string[];
    readonly notAll?: readonly string[];
    readonly notAny?: readonly string[];
  };
  readonly states?: readonly StatusMatch[];
}

export type ListQuery = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface ListRequest {
  readonly filter: ServerFilter;
  /** A pattern that the database cannot match. */
  readonly namePattern: ((text: string) => boolean) | null;
  readonly sort: readonly SortKey[];
  readonly limit: number;
  readonly marker: string | undefined;
  /** Nothing can fit (a status that does not exist). */
  readonly nothing: boolean;
}

/** What a list accepts → the column; those above the line for everybody, the rest for administrators until 2.83. */
const everybody: Readonly<Record<string, string>> = {
  reservation_id: 'reservation_id',
  image: 'image_id',
  flavor: 'flavor_id',
};
const opened: Readonly<Record<string, string>> = {
  availability_zone: 'availability_zone',
  key_name: 'key_name',
  created_at: 'created_at',
  launched_at: 'launched_at',
  terminated_at: 'terminated_at',
  task_state: 'task_state',
  vm_state: 'vm_state',
  user_id: 'user_id',
};
const administrators: Readonly<Record<string, string>> = {
  ...opened,
  host: 'host',
  node: 'node',
  hostname: 'hostname',
  project_id: 'project_id',
  tenant_id: 'project_id',
  uuid: 'id',
  image_ref: 'image_id',
  access_ip_v4: 'access_ip_v4',
  access_ip_v6: 'access_ip_v6',
  root_device_name: 'root_device_name',
  description: 'description',
};

const sortColumns: Readonly<Record<string, string>> = {
  ...administrators,
  created_at: 'created_at',
  updated_at: 'updated_at',
  display_name: 'display_name',
  display_description: 'description',
  uuid: 'id',
  image_ref: 'image_id',
  auto_disk_config: 'disk_config',
  config_drive: 'config_drive',
  instance_type_id: 'flavor_id',
  kernel_id: 'image_id',
  ramdisk_id: 'image_id',
  launch_index: 'launch_index',
  locked_by: 'locked_by',
  locked: 'locked_by',
  power_state: 'power_state',
  progress: 'progress',
};
const nullable = new Set([
  ...['availability_zone', 'key_name', 'launched_at', 'terminated_at', 'task_state', 'host', 'node', 'image_id'],
  ...['access_ip_v4', 'access_ip_v6', 'root_device_name', 'description', 'locked_by'],
]);

const values = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : [value].flat();
const truthy = (text: string | undefined): boolean => text !== undefined && /^(1|true|t|yes|y|on)$/i.test(text);

/** A flag of a query: `?all_tenants`, `=1` and `=True` mean yes. @throws ApiError 400 */
export function flagOf(name: string, value: string | readonly string[] | undefined): boolean {
  const text = values(value)[0];
  if (text === undefined) return false;
  if (text === '' || truthy(text)) return true;
  if (/^(0|false|f|no|n|off)$/i.test(text)) return false;
  throw badRequest(`Invalid input for query parameters ${name}. Value: ${text}. '${text}' is not a boolean`);
}

/** @throws ApiError 400 for a number that is none */
export function limitOf(value: string | readonly string[] | undefined, max: number): number {
  const text = values(value)[0];
  if (text === undefined || text === '') return max;
  if (!/^\d+$/.test(text))
    throw badRequest(`Invalid input for query parameters limit. Value: ${text}. '${text}' does not match '^[0-9]*$'`);
  return Math.min(Number(text), max);
}

const iso8601 = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?)?([zZ]|[+-]\d{2}(:?\d{2})?)?$/;
/** A time in a query, as rows have it. @throws ApiError 400 */
export const timeOf = (name: string, text: string): string => {
  const time = new Date(/[zZ]|[T ].*[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`);
  if (!iso8601.test(text) || Number.isNaN(time.getTime()))
    throw badRequest(`Invalid input for query parameters ${name}. Value: ${text}. '${text}' is not a 'date-time'`);
  return time.toISOString().slice(0, 23) + '000';
};

function tagsOf(query: ListQuery): NonNullable<ServerFilter['tags']> {
  const list = (name: string): string[] =>
    values(query[name])
      .flatMap((text) => text.split(','))
      .filter(Boolean);
  return { all: list('tags'), any: list('tags-any'), notAll: list('not-tags'), notAny: list('not-tags-any') };
}

/**
 * Reads a list's query. What a caller may not filter by is ignored, as Nova does.
 * @param detail which policy `all_tenants` is judged by
 * @throws ApiError 400 on malformed values, 403 on `all_tenants` without the right to it
 */
export function parseListQuery(
  query: ListQuery,
  ctx: RequestContext,
  version: ApiVersion,
  deps: { readonly enforcer: Enforcer; readonly maxLimit: number; readonly detail: boolean },
): ListRequest {
  const isAdmin = deps.enforcer.allows('os_compute_api:servers:allow_all_filters', ctx);
  const equal: Record<string, string | number | null> = {};
  const allowed = isAdmin ? administrators : version.atLeast('2.83') ? opened : {};
  for (const [name, column] of Object.entries({ ...everybody, ...allowed })) {
    const text = values(query[name]).at(-1);
    if (text !== undefined) equal[column] = text === 'None' && nullable.has(column) ? null : text;
  }
  // An image or a flavor may be named by its URL.
  for (const column of ['image_id', 'flavor_id'])
    if (typeof equal[column] === 'string') equal[column] = equal[column].split('/').at(-1) as string;
  const power = values(query['power_state']).at(-1);
  if (power !== undefined && (isAdmin || version.atLeast('2.83'))) {
    const named = (['nostate', 'running', 'paused', 'shutdown', 'crashed', 'suspended'] as const).find(
      (name) => String(powerNumber(name)) === power || name === power.toLowerCase(),
    );
    equal['power_state'] = named ?? power;
  }
  const configDrive = values(query['config_drive']).at(-1);
  if (configDrive !== undefined && (isAdmin || version.atLeast('2.83')))
    equal['config_drive'] = truthy(configDrive) ? 1 : 0;

  const everyone = flagOf('all_tenants', query['all_tenants']) || flagOf('all_projects', query['all_projects']);
  if (everyone) {
    const rule = `os_compute_api:servers:${deps.detail ? 'detail' : 'index'}:get_all_tenants`;
    if (!deps.enforcer.allows(rule, ctx)) throw forbidden(`Policy doesn't allow ${rule} to be performed.`);
  } else equal['project_id'] = ctx.projectId;

  const since = values(query['changes-since']).at(-1);
  const before = version.atLeast('2.66') ? values(query['changes-before']).at(-1) : undefined;
  const deleted = isAdmin && query['deleted'] !== undefined ? flagOf('deleted', query['deleted']) : undefined;

  const statuses = values(query['status']);
  const states = statuses.flatMap(statesOfStatus);
  if (statuses.length > 0 && states.length === 0 && version.atLeast('2.38')) throw badRequest('Invalid status value');
  const wantsDeleted = states.some((state) => state.vmState === 'deleted');
  if (wantsDeleted && !isAdmin && states.length === 1)
    throw forbidden('Only administrators may list deleted instances');

  const name = values(query['name']).at(-1) ?? values(query['display_name']).at(-1);
  const meta = values(query['metadata']).flatMap((text) => Object.entries(metadataOf(text)));
  const locked =
    version.atLeast('2.73') && query['locked'] !== undefined ? flagOf('locked', query['locked']) : undefined;
  const visible = deleted ?? (since !== undefined || before !== undefined ? undefined : wantsDeleted);

  return {
    filter: {
      equal,
      ...(visible !== undefined && { deleted: visible }),
      // Those that can be restored are deleted in their owners' eyes.
      ...(visible === false && !states.some((one) => one.vmState === 'soft-delete') && { softDeleted: false as const }),
      ...(since !== undefined && { changesSince: timeOf('changes-since', since) }),
      ...(before !== undefined && { changesBefore: timeOf('changes-before', before) }),
      ...(name !== undefined && isPlainText(name) && { nameContains: name }),
      ...(locked !== undefined && { locked }),
      addressPrefixes: [...values(query['ip']), ...values(query['ip6'])].map(addressPrefix),
      metadata: meta,
      ...(version.atLeast('2.26') && { tags: tagsOf(query) }),
      ...(states.length > 0 && { states }),
    },
    namePattern: name === undefined || isPlainText(name) ? null : pattern(name),
    sort: sortOf(query),
    limit: limitOf(query['limit'], deps.maxLimit),
    marker: values(query['marker']).at(-1) || undefined,
    nothing: statuses.length > 0 && states.length === 0,
  };
}

function pattern(text: string): (name: string) => boolean {
  try {
    return compileNamePattern(text);
  } catch {
    throw badRequest(`Invalid input for query parameters name. Value: ${text}. '${text}' is not a 'regex'`);
  }
}

/** `10.0.0.` of the regular expressions that clients write for addresses: `^10\.0\.0\.`. */
const addressPrefix = (text: string): string =>
  text
    .replace(/^\^/, '')
    .replace(/\$$/, '"')
    .replace(/\\(.)/g, '$1')
    .replace(/\.\*.*$/, '');

/** `{"key": "value"}` or Python's `{'key': 'value'}`. */
function metadataOf(text: string): Record<string, string> {
  for (const json of [text, text.replaceAll("u'", "'").replaceAll("'", '"')])
    try {
      const parsed: unknown = JSON.parse(json);
      if (typeof parsed === 'object' && parsed !== null)
        return Object.fromEntries(Object.entries(parsed).map(([key, value]) => [key, String(value)]));
    } catch {
      // Then it is the other spelling, or none.
    }
  throw badRequest(`Invalid input for query parameters metadata. Value: ${text}. It is not a JSON object.`);
}

/** @throws ApiError 400 for a key that lists cannot be sorted by */
function sortOf(query: ListQuery): SortKey[] {
  const keys = values(query['sort_key']);
  const directions = values(query['sort_dir']);
  const wrong = directions.find((one) => one !== 'asc' && one !== 'desc');
  if (wrong !== undefined)
    throw badRequest(
      `Invalid input for query parameters sort_dir. Value: ${wrong}. '${wrong}' is not one of ['asc', 'desc']`,
    );
  const directionOf = (index: number): 'asc' | 'desc' =>
    (directions[index] ?? directions.at(-1)) === 'asc' ? 'asc' : 'desc';
  const sort = keys.map((name, index): SortKey => {
    const column = sortColumns[name];
    if (!column)
      throw badRequest(
        `Invalid input for query parameters sort_key. Value: ${name}. '${name}' is not one of ${Object.keys(sortColumns).join(', ')}`,
      );
    return { column, direction: directionOf(index), nullable: nullable.has(column) };
  });
  if (keys.length === 0) sort.push({ column: 'created_at', direction: directionOf(0) });
  return [...sort, { column: 'num', direction: sort.at(-1)?.direction ?? 'desc' }];
}
