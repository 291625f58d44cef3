import type { Given } from '../base/arguments.ts';
import { requireCredentials, settingsOf } from '../base/client.ts';
import { CommandError } from '../base/errors.ts';
import { jsonMessage, Session, type ApiRequest } from '../base/session.ts';
import type { Shell } from '../base/shell.ts';

/** A network, port, router … as the service shows it. */
export type Item = Readonly<Record<string, unknown>>;

/** Kinds of things that are found by name or id: the key of one in a body, and of many. */
export interface Kind {
  /** `security_group` */
  readonly one: string;
  /** `security_groups` */
  readonly many: string;
  /** `/security-groups` */
  readonly path: string;
}

export const kinds = {
  network: { one: 'network', many: 'networks', path: '/networks' },
  subnet: { one: 'subnet', many: 'subnets', path: '/subnets' },
  port: { one: 'port', many: 'ports', path: '/ports' },
  router: { one: 'router', many: 'routers', path: '/routers' },
  floatingip: { one: 'floatingip', many: 'floatingips', path: '/floatingips' },
  securityGroup: { one: 'security_group', many: 'security_groups', path: '/security-groups' },
  securityGroupRule: { one: 'security_group_rule', many: 'security_group_rules', path: '/security-group-rules' },
  agent: { one: 'agent', many: 'agents', path: '/agents' },
  extension: { one: 'extension', many: 'extensions', path: '/extensions' },
  quota: { one: 'quota', many: 'quotas', path: '/quotas' },
} as const satisfies Record<string, Kind>;

const uuid = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** What the commands of `neutron` work with. */
export class NeutronApi {
  readonly session: Session;
  readonly shell: Shell;

  constructor(session: Session, shell: Shell) {
    this.session = session;
    this.shell = shell;
  }

  call<T = Record<string, unknown>>(method: ApiRequest['method'], path: string, json?: unknown): Promise<T> {
    return this.session.call<T>({ method, path, ...(json !== undefined && { json }) });
  }

  async list(kind: Kind, query = ''): Promise<readonly Item[]> {
    return (await this.call<Record<string, Item[]>>('GET', `${kind.path}${query}`))[kind.many] ?? [];
  }

  /** By id, then by name, both as filters of a list. @throws CommandError */
  async idOf(kind: Kind, nameOrId: string): Promise<string> {
    const word = encodeURIComponent(nameOrId);
    if (uuid.test(nameOrId)) {
      const [found] = await this.list(kind, `?fields=id&id=${word}`);
      if (found) return String(found['id']);
    }
    const named = await this.list(kind, `?fields=id&name=${word}`);
    const [only] = named;
    if (named.length > 1)
      throw new CommandError(
        `Multiple ${kind.many} matches found for name '${nameOrId}', use an ID to be more specific.`,
      );
    if (!only) throw new CommandError(`Unable to find ${kind.one} with name '${nameOrId}'`);
    return String(only['id']);
  }
}

/** @throws CommandError for settings that are missing */
export function connectNeutron(given: Given, shell: Shell): NeutronApi {
  const endpoint = given.text('os-url') ?? shell.env['OS_URL'];
  const settings = settingsOf(given, shell.env, {
    endpointType: given.text('endpoint-type') ?? shell.env['OS_ENDPOINT_TYPE'],
    endpoint: endpoint === undefined ? undefined : versioned(endpoint),
  });
  requireCredentials(
    settings,
    'a tenant_name or tenant_id via  --os-tenant-name, env[OS_TENANT_NAME] or --os-tenant-id, or via env[OS_TENANT_ID]',
  );
  const session = new Session(settings, shell, {
    serviceType: given.text('service-type') ?? 'network',
    endpointOf: versioned,
    faultOf: (status, body) => jsonMessage(body) ?? `${body.trim() || 'The service refused'} (HTTP ${status})`,
    badCredentials: 'Unauthorized: bad credentials.',
  });
  return new NeutronApi(session, shell);
}

const versioned = (url: string): string => `${url.replace(/\/+$/, '').replace(/\/v2\.0$/, '')}/v2.0`;
