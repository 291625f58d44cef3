import { ApiError, badRequest } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { HttpTransport } from '#common/api/transport.ts';
import { identityRoot } from '#common/auth/session.ts';

/** @throws ApiError 400 for a project that the Identity service does not know */
export type CheckProject = (ctx: RequestContext, projectId: string, api: string) => Promise<void>;

/**
 * Asks the Identity service with the caller's own token. Only its 404 is a refusal: who may not look, or an Identity service
 * that is away, must not keep an administrator from setting a quota. Icehouse's API does not look at all.
 */
export function projectChecker(transport: HttpTransport, identityUri: string): CheckProject {
  return async ({ token }, projectId, api) => {
    if (api === 'v2' || token === null) return;
    const answer = await transport
      .request({
        method: 'GET',
        url: `${identityRoot(identityUri)}/v3/projects/${encodeURIComponent(projectId)}`,
        headers: { 'x-auth-token': token, accept: 'application/json' },
      })
      .catch((error: unknown) => {
        if (error instanceof ApiError) throw error;
        return null;
      });
    if (answer?.status === 404) throw badRequest(`Project ID ${projectId} is not a valid project.`);
  };
}
