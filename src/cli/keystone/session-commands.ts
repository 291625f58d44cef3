import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import type { KeystoneApi } from './api.ts';

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
      const base = (await api.session.catalogUrl('identity', 'publicURL')).replace(/\/v[\d.]+\/?$/, '');
      const answer = await api.shell.transport.request({ method: 'GET', url: `${base}/` });
      const { versions } = await answer.json<{
        versions: { values: { id: string; status: string; links: { rel: string; href: string }[] }[] };
      }>();
      api.shell.out(`Keystone found at ${base}\n`);
      for (const { id, status, links } of versions.values)
        api.shell.out(
          `    - supports version ${id} (${status}) here ${links.find(({ rel }) => rel === 'self')?.href}\n`,
        );
    },
  },
];
