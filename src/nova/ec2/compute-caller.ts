import { Readable } from 'node:stream';
import type { HttpApp } from '#common/api/app.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { createRestClient, type RestClient } from '#clients/rest.ts';

/** The compute API of this very process as a user, without a socket between. */
export const computeCaller =
  (app: HttpApp) =>
  ({ token, requestId }: RequestContext, version = '2.1'): RestClient =>
    createRestClient({
      service: 'Nova',
      baseUrl: '/v2.1',
      async call({ method, url, headers, body }) {
        const answer = await app.fastify.inject({
          method: method as 'GET',
          url,
          headers: {
            ...headers,
            'openstack-api-version': `compute ${version}`,
            'x-auth-token': token ?? '',
            'x-openstack-request-id': requestId,
          },
          ...(body !== undefined && { payload: body as string }),
        });
        return {
          status: answer.statusCode,
          headers: answer.headers as Record<string, string>,
          text: async () => answer.body,
          json: async <T>() => answer.json<T>(),
          stream: Readable.from([answer.rawPayload]),
        };
      },
    });
