import type { Logger } from '#common/telemetry/log.ts';
import { DashboardFailure, badRequest, sessionEnded } from '../failure.ts';
import type { ProjectChoice, Scope, SignIn } from '../session-document.ts';
import type { Session } from '../sessions/sessions.ts';
import type { Where } from '../sessions/where.ts';
import type { IssuedToken, Keystone } from './keystone.ts';
import { regionsOf, startRegion } from './services.ts';

export interface SignedInUser {
  readonly session: Session;
  readonly projects: readonly ProjectChoice[];
}

export interface SignInService {
  /**
   * @param last where a user was last, if that is known
   * @throws DashboardFailure 401 credentials, 403 no project, 503
   */
  signIn(request: SignIn, last: (userId: string) => Where | null): Promise<SignedInUser>;
  /** The same user elsewhere. @throws DashboardFailure 400 region, 401 ended, 403 no role there, 503 */
  rescope(session: Session, scope: Scope): Promise<SignedInUser>;
  /** The user's projects; null when the token has ended. The present one only, while Keystone does not answer. */
  projects(session: Session): Promise<readonly ProjectChoice[] | null>;
  /** Revokes all that the session had. Never rejects: who leaves has left; what stays ends by itself. */
  revoke(session: Session): Promise<void>;
}

/** Tokens of projects that were left: as many are kept for requests on their way. */
const EARLIER = 3;
/** Projects that are tried at sign-in: a role may have been taken since the list was made. */
const TRIES = 10;

export function createSignIn({
  keystone,
  defaultDomain,
  log,
}: {
  readonly keystone: Keystone;
  readonly defaultDomain: string;
  readonly log: Logger;
}): SignInService {
  const revokeAll = async (tokens: readonly string[]): Promise<void> => {
    for (const token of tokens)
      await keystone
        .revoke(token)
        .catch((error: unknown) => log.warn('A token could not be revoked; it ends by itself', error));
  };

  const firstScope = async (
    root: IssuedToken,
    projects: readonly ProjectChoice[],
    last: Where | null,
  ): Promise<IssuedToken> => {
    const wanted = projects.find(({ id }) => id === last?.projectId);
    const remembered = wanted ? await keystone.byToken(root.token, wanted.id) : null;
    if (remembered) return remembered;
    const usual = await keystone.byToken(root.token, null);
    if (usual?.project) return usual;
    if (usual) await revokeAll([usual.token]);
    for (const { id } of projects.slice(0, TRIES)) {
      const scoped = await keystone.byToken(root.token, id);
      if (scoped) return scoped;
    }
    throw new DashboardFailure(
      403,
      'no-project',
      `The user ${root.user.name} has a role in no project that is enabled. An administrator can give one.`,
    );
  };

  return {
    async signIn({ username, password, domain = defaultDomain }, last) {
      const root = await keystone.byPassword({ name: username, domain }, password);
      try {
        const projects = (await keystone.projects(root.token)) ?? [];
        const where = last(root.user.id);
        const scoped = await firstScope(root, projects, where);
        const region = startRegion(scoped.catalog, where?.region);
        return { session: sessionOf(scoped, { rootToken: root.token, earlierTokens: [], region }), projects };
      } catch (error) {
        await revokeAll([root.token]);
        throw error;
      }
    },

    async rescope(session, { projectId, region }) {
      const moves = projectId !== undefined && projectId !== session.project.id;
      const scoped = moves ? await keystone.byToken(session.rootToken, projectId) : null;
      if (moves && !scoped?.project) {
        if (!(await keystone.isValid(session.rootToken))) throw sessionEnded();
        throw new DashboardFailure(403, 'no-project', 'You have no role in that project, or it is not there.');
      }
      const catalog = scoped?.catalog ?? session.catalog;
      if (region !== undefined && !regionsOf(catalog).includes(region)) {
        if (scoped) await revokeAll([scoped.token]);
        throw badRequest(`There is no region "${region}".`);
      }
      const where = startRegion(catalog, region ?? session.region);
      let next: Session = { ...session, region: where };
      if (scoped) {
        const left = [session.token, ...session.earlierTokens];
        await revokeAll(left.slice(EARLIER));
        next = sessionOf(scoped, {
          rootToken: session.rootToken,
          earlierTokens: left.slice(0, EARLIER),
          region: where,
        });
      }
      return { session: next, projects: (await this.projects(next)) ?? [choiceOf(next)] };
    },

    async projects(session) {
      try {
        return await keystone.projects(session.token);
      } catch (error) {
        log.warn('The projects of a user cannot be listed', error);
        return [choiceOf(session)];
      }
    },

    // The root last: in some Keystones what was got by a token ends with it, and could then not be revoked by itself.
    revoke: (session) => revokeAll([session.token, ...session.earlierTokens, session.rootToken]),
  };
}

function sessionOf(
  { token, expiresAt, user, project, roles, catalog }: IssuedToken,
  rest: Pick<Session, 'rootToken' | 'earlierTokens' | 'region'>,
): Session {
  if (!project) throw new Error('a session needs a token for a project');
  return { token, expiresAt, user, project, roles, catalog, ...rest };
}

const choiceOf = ({ project }: Session): ProjectChoice => ({
  id: project.id,
  name: project.name,
  domainId: project.domain.id,
});
