import { Type } from '@sinclair/typebox';
import { routesFor, type AnyRoute } from '#common/api/route.ts';
import { open } from '../api/schemas.ts';
import type { Identity } from '../identity.ts';

const route = routesFor<Identity>();
const Body = Type.Object({ config: Type.Object({}, open) }, open);
const Answer = Type.Object({ config: Type.Unknown() });

/** All of a domain's configuration, a group of it, or one option: the same routes on three paths. */
const levels = [
  { name: 'all', path: '', params: {} },
  { name: 'group', path: '/:group', params: { group: Type.String() } },
  { name: 'option', path: '/:group/:option', params: { group: Type.String(), option: Type.String() } },
] as const;

interface Place {
  readonly domain_id: string;
  readonly group?: string;
  readonly option?: string;
}
const place = (params: unknown): [string, string | undefined, string | undefined] => {
  const { domain_id: domainId, group, option } = params as Place;
  return [domainId, group, option];
};

export const domainConfigRoutes: readonly AnyRoute<Identity>[] = levels.flatMap(({ name, path, params: own }) => {
  const params = Type.Object({ domain_id: Type.String(), ...own });
  const at = `/domains/:domain_id/config${path}`;
  return [
    route({
      id: `domainConfig.default.${name}`,
      summary: "Show what a domain's configuration is unless set",
      method: 'GET',
      path: `/domains/config${path}/default`,
      policy: 'identity:get_domain_config_default',
      status: 200,
      params: Type.Object(own),
      response: Answer,
      handle: ({ domainConfig }, { params }) => {
        const [, group, option] = place(params);
        return { config: domainConfig.defaults(group, option) };
      },
    }),
    route({
      id: `domainConfig.show.${name}`,
      summary: "Show a domain's configuration",
      method: 'GET',
      path: at,
      policy: 'identity:get_domain_config',
      status: 200,
      params,
      response: Answer,
      handle: async ({ domainConfig }, { params }) => ({ config: await domainConfig.get(...place(params)) }),
    }),
    route({
      id: `domainConfig.update.${name}`,
      summary: "Change a domain's configuration",
      method: 'PATCH',
      path: at,
      policy: 'identity:update_domain_config',
      status: 200,
      params,
      body: Body,
      response: Answer,
      handle: async ({ domainConfig }, { params, body }) => {
        const [domainId, group, option] = place(params);
        return { config: await domainConfig.update(domainId, body.config, group, option) };
      },
    }),
    route({
      id: `domainConfig.delete.${name}`,
      summary: "Remove a domain's configuration",
      method: 'DELETE',
      path: at,
      policy: 'identity:delete_domain_config',
      status: 204,
      params,
      handle: async ({ domainConfig }, { params }) => {
        await domainConfig.delete(...place(params));
        return undefined;
      },
    }),
    ...(name === 'all'
      ? [
          route({
            id: 'domainConfig.create',
            summary: "Set a domain's configuration",
            method: 'PUT',
            path: at,
            policy: 'identity:create_domain_config',
            status: 200,
            params,
            body: Body,
            response: Answer,
            handle: async ({ domainConfig }, { params, body, reply }) => {
              const [domainId] = place(params);
              const { config, created } = await domainConfig.replace(domainId, body.config);
              if (created) reply.status(201);
              return { config };
            },
          }),
        ]
      : []),
  ];
});
