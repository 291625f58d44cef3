import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError, HttpError } from '../base/errors.ts';
import { kinds, type KeystoneApi } from './api.ts';

interface Credential {
  readonly access: string;
  readonly secret: string;
  readonly tenant_id: string;
  readonly trust_id?: string | null;
  readonly user_id: string;
}

const ofUser: Argument = {
  name: '--user-id',
  formerly: ['--user'],
  value: '<user-id>',
  help: 'User of the credentials; yourself by default.',
};
const byAccess: Argument = { name: '--access', value: '<access-key>', required: true, help: 'Access key.' };

async function userOf(api: KeystoneApi, given: Given): Promise<string> {
  return (await api.idOf(kinds.user, given.text('user-id'))) ?? (await api.session.access()).user.id;
}

/** What is printed of one. */
const shown = ({ access, secret, tenant_id, trust_id, user_id }: Credential) => ({
  access,
  secret,
  tenant_id,
  ...(trust_id !== undefined && { trust_id }),
  user_id,
});

/** A tenant's name; its id for those who may not see the tenant. */
async function tenantName(api: KeystoneApi, id: string): Promise<string> {
  try {
    const path = `/tenants/${encodeURIComponent(id)}`;
    return (await api.session.call<{ tenant: { name: string } }>({ method: 'GET', path })).tenant.name;
  } catch (error) {
    if (error instanceof HttpError) return id;
    throw error;
  }
}

export const ec2Commands: readonly Command<KeystoneApi>[] = [
  {
    name: 'ec2-credentials-list',
    summary: 'List EC2-compatible credentials for a user.',
    arguments: [ofUser],
    async run(api, given) {
      const user = await userOf(api, given);
      const path = `/users/${user}/credentials/OS-EC2`;
      const { credentials } = await api.session.call<{ credentials: Credential[] }>({ method: 'GET', path });
      const rows = await Promise.all(
        credentials.map(async ({ tenant_id, access, secret }) => ({
          tenant: await tenantName(api, tenant_id),
          access,
          secret,
        })),
      );
      api.printList(rows, ['tenant', 'access', 'secret'], 'tenant');
    },
  },
  {
    name: 'ec2-credentials-get',
    summary: 'Display EC2-compatible credentials.',
    arguments: [ofUser, byAccess],
    async run(api, given) {
      const path = `/users/${await userOf(api, given)}/credentials/OS-EC2/${given.one('access')}`;
      api.printItem(shown((await api.session.call<{ credential: Credential }>({ method: 'GET', path })).credential));
    },
  },
  {
    name: 'ec2-credentials-create',
    summary: 'Create EC2-compatible credentials for user per tenant.',
    arguments: [
      ofUser,
      {
        name: '--tenant-id',
        formerly: ['--tenant'],
        value: '<tenant-id>',
        help: 'Tenant of the credentials; yours by default.',
      },
    ],
    async run(api, given) {
      const user = await userOf(api, given);
      const tenant_id =
        (await api.idOf(kinds.tenant, given.text('tenant-id'))) ?? (await api.session.access()).token.tenant?.id;
      if (tenant_id === undefined) throw new CommandError('Name a tenant with --tenant-id.');
      const path = `/users/${user}/credentials/OS-EC2`;
      const made = await api.session.call<{ credential: Credential }>({ method: 'POST', path, json: { tenant_id } });
      api.printItem(shown(made.credential));
    },
  },
  {
    name: 'ec2-credentials-delete',
    summary: 'Delete EC2-compatible credentials.',
    arguments: [ofUser, byAccess],
    async run(api, given) {
      const path = `/users/${await userOf(api, given)}/credentials/OS-EC2/${given.one('access')}`;
      await api.session.call({ method: 'DELETE', path });
      api.shell.out('Credential has been deleted.\n');
    },
  },
];
