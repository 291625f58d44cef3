import type { Given } from '../base/arguments.ts';
import { CommandError } from '../base/errors.ts';
import { jsonMessage, Session, type ApiRequest } from '../base/session.ts';
import { firstOf, requireCredentials, settingsOf, usualMissing } from '../base/settings.ts';
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
  serviceProvider: { one: 'service_provider', many: 'service_providers', path: '/service-providers' },
  vip: { one: 'vip', many: 'vips', path: '/lb/vips' },
  pool: { one: 'pool', many: 'pools', path: '/lb/pools' },
  member: { one: 'member', many: 'members', path: '/lb/members' },
  healthMonitor: { one: 'health_monitor', many: 'health_monitors', path: '/lb/health_monitors' },
  firewall: { one: 'firewall', many: 'firewalls', path: '/fw/firewalls' },
  firewallPolicy: { one: 'firewall_policy', many: 'firewall_policies', path: '/fw/firewall_policies' },
  firewallRule: { one: 'firewall_rule', many: 'firewall_rules', path: '/fw/firewall_rules' },
  meteringLabel: { one: 'metering_label', many: 'metering_labels', path: '/metering/metering-labels' },
  meteringLabelRule: {
    one: 'metering_label_rule',
    many: 'metering_label_rules',
    path: '/metering/metering-label-rules',
  },
  vpnService: { one: 'vpnservice', many: 'vpnservices', path: '/vpn/vpnservices' },
  ikePolicy: { one: 'ikepolicy', many: 'ikepolicies', path: '/vpn/ikepolicies' },
  ipsecPolicy: { one: 'ipsecpolicy', many: 'ipsecpolicies', path: '/vpn/ipsecpolicies' },
  ipsecSiteConnection: {
    one: 'ipsec_site_connection',
    many: 'ipsec_site_connections',
    path: '/vpn/ipsec-site-connections',
  },
} as const satisfies Record<string, Kind>;

const uuid = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** What the commands of `neutron` work with. */
export class NeutronApi {
  readonly session: Session;
  readonly shell: Shell;

  readonly #quiet: boolean;

  constructor(session: Session, shell: Shell, quiet = false) {
    this.session = session;
    this.shell = shell;
    this.#quiet = quiet;
  }

  /** A sentence on what was done; nothing with `--quiet`. */
  say(text: string): void {
    if (!this.#quiet) this.shell.out(`${text}\n`);
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
export async function connectNeutron(given: Given, shell: Shell): Promise<NeutronApi> {
  const { env } = shell;
  const endpoint = firstOf(given.text('os-url'), env['OS_URL']);
  const settings = await requireCredentials(
    settingsOf(given, env, {
      endpointType: firstOf(given.text('endpoint-type'), env['OS_ENDPOINT_TYPE']),
      endpoint: endpoint === undefined ? undefined : versioned(endpoint),
    }),
    shell,
    {
      ...usualMissing,
      tenant:
        'You must provide a tenant_name or tenant_id via  --os-tenant-name, env[OS_TENANT_NAME]  --os-tenant-id, or via env[OS_TENANT_ID]',
      authUrl: 'You must provide an auth url via either --os-auth-url or via env[OS_AUTH_URL]',
    },
  );
  const session = new Session(settings, shell, {
    serviceType: given.text('service-type') ?? 'network',
    endpointOf: versioned,
    faultOf: (status, body) =>
      neutronMessage(body) ?? jsonMessage(body) ?? (body.trim() || `The service refused (HTTP ${status})`),
    badCredentials: 'Unauthorized: bad credentials.',
  });
  return new NeutronApi(session, shell, given.has('quiet'));
}

/** `{"NeutronError": {"message": …, "detail": …}}`, or the same with the message alone. */
function neutronMessage(body: string): string | undefined {
  try {
    const { NeutronError: error } = JSON.parse(body) as {
      NeutronError?: string | { message?: string; detail?: string };
    };
    if (typeof error === 'string') return error;
    return error?.message === undefined ? undefined : [error.message, error.detail].filter(Boolean).join('\n');
  } catch {
    return undefined;
  }
}

const versioned = (url: string): string => `${url.replace(/\/+$/, '').replace(/\/v2\.0$/, '')}/v2.0`;
