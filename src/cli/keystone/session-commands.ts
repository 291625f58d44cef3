import type { Command } from '../base/command.ts';
import { CommandError, HttpError } from '../base/errors.ts';
import { kinds, type Item, type KeystoneApi, type Kind } from './api.ts';

/** @throws CommandError: with a bootstrap token there is nothing to show */
async function accessOf(api: KeystoneApi): ReturnType<KeystoneApi['session']['access']> {
  if (api.bootstrap) throw new CommandError('Configuration error: sign in with a user name and a password for this.');
  return api.session.access();
}

export const sessionCommands: readonly Command<KeystoneApi>[] = [
  {
    name: 'token-get',
    summary: 'Display the current user token.',
    arguments: [
      {
        name: '--wrap',
        value: '<integer>',
        help: 'Wrap PKI tokens to a specified length. Ignored: tokens are short here.',
      },
    ],
    async run(api) {
      const { token, user } = await accessOf(api);
      api.printItem({
        expires: token.expires,
        id: token.id,
        ...(token.tenant && { tenant_id: token.tenant.id }),
        user_id: user.id,
      });
    },
  },
  {
    name: 'catalog',
    summary: 'List service catalog, possibly filtered by service.',
    arguments: [{ name: '--service', value: '<service-type>', help: 'Service type to return.' }],
    async run(api, given) {
      const wanted = given.text('service');
      const { serviceCatalog } = await accessOf(api);
      for (const service of serviceCatalog.filter(({ type }) => wanted === undefined || type === wanted)) {
        api.shell.out(`Service: ${service.type}\n`);
        for (const endpoint of service.endpoints) api.printItem(endpoint);
      }
    },
  },
  {
    name: 'discover',
    summary: 'Discover Keystone servers, supported API versions and extensions.',
    arguments: [],
    async run(api) {
      const base = (api.authUrl ?? 'http://localhost:35357/').replace(/\/+$/, '').replace(/\/v[\d.]+$/, '');
      const { versions } = await api.session.unsigned<{ versions: { values: readonly Version[] } }>(`${base}/`);
      api.shell.out(`Keystone found at ${base}\n`);
      for (const { id, status, links } of versions.values) {
        const url = links.find(({ rel }) => rel === 'self')?.href ?? base;
        api.shell.out(`    - supports version ${id} (${status}) here ${url}\n`);
        for (const { alias, name } of await extensionsOf(api, url)) api.shell.out(`        - and ${alias}: ${name}\n`);
      }
    },
  },
  {
    name: 'bootstrap',
    summary: 'Grants a new role to a new user on a new tenant, after creating each.',
    arguments: [
      { name: '--user-name', value: '<user-name>', help: 'The name of the user to be created (default="admin").' },
      { name: '--pass', value: '<password>', required: true, help: 'The password for the new user.' },
      {
        name: '--role-name',
        value: '<role-name>',
        help: 'The name of the role to be created and granted to the user (default="admin").',
      },
      {
        name: '--tenant-name',
        value: '<tenant-name>',
        help: 'The name of the tenant to be created (default="admin").',
      },
    ],
    async run(api, given) {
      const make = async (kind: Kind, body: Record<string, unknown>): Promise<string> => {
        const answer = await api.session.call<Record<string, Item>>({
          method: 'POST',
          path: kind.path,
          json: { [kind.one]: body },
        });
        return (answer[kind.one] as Item).id;
      };
      const nameOf = (what: string): string => given.text(`${what}-name`) ?? 'admin';
      const tenant = await make(kinds.tenant, { name: nameOf('tenant'), description: null, enabled: true });
      const role = await make(kinds.role, { name: nameOf('role') });
      const user = await make(kinds.user, {
        name: nameOf('user'),
        password: given.one('pass'),
        email: null,
        enabled: true,
        tenantId: null,
      });
      await api.session.call({ method: 'PUT', path: `/tenants/${tenant}/users/${user}/roles/OS-KSADM/${role}` });
    },
  },
];

interface Version {
  readonly id: string;
  readonly status: string;
  readonly links: readonly { readonly rel: string; readonly href: string }[];
}
interface Extension {
  readonly alias: string;
  readonly name: string;
}

/** A version's extensions; one that has no list of them has none. */
async function extensionsOf(api: KeystoneApi, url: string): Promise<readonly Extension[]> {
  try {
    const answer = await api.session.unsigned<{ extensions?: { values?: Extension[] } }>(
      `${url.replace(/\/+$/, '')}/extensions`,
    );
    return answer.extensions?.values ?? [];
  } catch (error) {
    if (error instanceof HttpError) return [];
    throw error;
  }
}
