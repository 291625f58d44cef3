import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '#common/telemetry/log.ts';
import type { Connections } from '../connections.ts';
import { DashboardFailure, sessionEnded } from '../failure.ts';
import { fromStore, type Guard } from '../guard.ts';
import type { ProjectChoice, Scope, SignedIn, SignedOut, SignIn } from '../session-document.ts';
import { csrfOf, isVisitor, newVisitorId, type Cookies } from '../sessions/cookies.ts';
import type { Session, Sessions } from '../sessions/sessions.ts';
import { recall, remember } from '../sessions/where.ts';
import type { DashboardSettings } from '../settings/settings.ts';
import { regionsOf, servicesOf } from './services.ts';
import type { SignInLimit } from './sign-in-limit.ts';
import type { SignInService } from './sign-in.ts';

export interface SessionRoutesDeps {
  readonly settings: DashboardSettings;
  readonly version: string;
  readonly cookies: Cookies;
  readonly sessions: Sessions;
  readonly guard: Guard;
  readonly signIn: SignInService;
  readonly limit: SignInLimit;
  readonly streams: Connections;
  readonly consoles: Connections;
  readonly log: Logger;
}

const text = (most: number) => ({ type: 'string', minLength: 1, maxLength: most }) as const;
const signInBody = {
  type: 'object',
  required: ['username', 'password'],
  additionalProperties: false,
  properties: { username: text(255), password: text(4096), domain: text(255) },
} as const;
const scopeBody = {
  type: 'object',
  minProperties: 1,
  additionalProperties: false,
  properties: { projectId: text(255), region: text(255) },
} as const;

/** `/session`: signing in and out, and where one works. */
export function sessionRoutes(app: FastifyInstance, deps: SessionRoutesDeps): void {
  const { settings, cookies, sessions, guard, signIn, limit, streams, consoles, log } = deps;
  const { timeZone, multiDomain, keystoneUrl } = settings;
  const common = { version: deps.version, timeZone, multiDomain };

  const signedOut = (id: string): SignedOut => ({ signedIn: false, csrf: csrfOf(id), ...common });
  const signedIn = (id: string, session: Session, projects: readonly ProjectChoice[]): SignedIn => {
    const { user, project, roles, expiresAt, region, catalog } = session;
    const services = servicesOf(catalog, region, keystoneUrl);
    return {
      signedIn: true,
      csrf: csrfOf(id),
      ...common,
      ...{ user, project, projects, roles, expiresAt, region, catalog, services },
      isAdmin: roles.includes('admin'),
      regions: regionsOf(catalog),
      authUrl: services.identity?.url ?? keystoneUrl,
    };
  };
  const setWhere = (request: FastifyRequest, reply: FastifyReply, { user, project, region }: Session): void => {
    const { where } = cookies.read(request.headers.cookie);
    void reply.header('set-cookie', cookies.where(remember(where, user.id, { projectId: project.id, region })));
  };
  const end = async (id: string | null): Promise<void> => {
    const session = await fromStore(() => sessions.close(id));
    if (id !== null) for (const connections of [streams, consoles]) connections.endOf(id);
    if (session) await signIn.revoke(session);
  };

  app.get('/session', async (request, reply): Promise<SignedIn | SignedOut> => {
    const { id, planted } = cookies.read(request.headers.cookie);
    if (planted) {
      log.warn(`Somebody planted a session in the browser of ${request.ip}: it was taken away`);
      void reply.header('set-cookie', cookies.uproot());
    }
    const session = await fromStore(() => sessions.use(id));
    if (id !== null && session) {
      const projects = await signIn.projects(session);
      if (projects) return signedIn(id, session, projects);
      await end(id);
    }
    // One that is not a visitor's was a session once, or was made up: it is never used again.
    if (id !== null && isVisitor(id)) return signedOut(id);
    const visitor = newVisitorId();
    void reply.header('set-cookie', cookies.session(visitor));
    return signedOut(visitor);
  });

  app.post<{ Body: SignIn }>(
    '/session',
    { schema: { body: signInBody } },
    async (request, reply): Promise<SignedIn> => {
      const { body, headers, ip } = request;
      const { id: before, where } = cookies.read(headers.cookie);
      const name = JSON.stringify(`${body.domain ?? settings.defaultDomain}/${body.username}`);
      const passed = limit.attempt(ip, name);
      const { session, projects } = await signIn
        .signIn(body, (userId) => recall(where, userId))
        .catch((error: unknown) => {
          if (!(error instanceof DashboardFailure) || error.code !== 'credentials') passed();
          log.info(`Sign-in of ${name} from ${ip} failed: ${error instanceof DashboardFailure ? error.code : 'error'}`);
          throw error;
        });
      passed();
      try {
        const id = await fromStore(() => sessions.open(session));
        await end(before).catch((error: unknown) => log.warn('The session before could not be ended', error));
        void reply.header('set-cookie', cookies.session(id));
        setWhere(request, reply, session);
        log.info(`Sign-in of ${name} from ${ip} to project ${session.project.id}`);
        return signedIn(id, session, projects);
      } catch (error) {
        await signIn.revoke(session);
        throw error;
      }
    },
  );

  app.put<{ Body: Scope }>(
    '/session/scope',
    { schema: { body: scopeBody } },
    async (request, reply): Promise<SignedIn> => {
      const { id, session } = await guard.signedIn(request.headers.cookie);
      const moved = await signIn.rescope(session, request.body);
      if (!(await fromStore(() => sessions.change(id, moved.session)))) {
        await signIn.revoke(moved.session);
        throw sessionEnded();
      }
      // They carry the other project's events; pages open them anew.
      streams.endOf(id);
      setWhere(request, reply, moved.session);
      return signedIn(id, moved.session, moved.projects);
    },
  );

  app.delete('/session', async (request, reply) => {
    await end(cookies.read(request.headers.cookie).id);
    return reply.code(204).header('set-cookie', cookies.session(newVisitorId())).send();
  });
}
