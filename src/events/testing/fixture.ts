import type { RequestContext } from '#common/auth/context.ts';
import { unauthorized } from '#common/api/errors.ts';
import { createEnforcer } from '#common/auth/policy.ts';
import type { Clock } from '#common/clock.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { createEventsApp } from '../app.ts';
import { History } from '../history.ts';
import { normalise } from '../normalise.ts';
import { eventsPolicies } from '../policies.ts';
import { Streams, type StreamLimits } from '../stream.ts';

/** A token `demo`, `demo/admin`, `demo//alice`: project, role, user. Others than these are refused. */
export function contextOf(token: string, requestId: string): RequestContext {
  const [project = '', role = '', user = ''] = token.split('/');
  return {
    requestId,
    userId: user || `${project}-user`,
    userName: null,
    userDomainId: 'default',
    projectId: project,
    projectName: project,
    projectDomainId: 'default',
    roles: [role || 'member'],
    isAdmin: role === 'admin',
    token,
  };
}

/** The event stream over nothing: notifications go in by `say`. */
export function eventsFixture(options: { readonly size?: number; readonly limits?: Partial<StreamLimits> } = {}) {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const clock: Clock = { now: () => new Date(now) };
  const revoked = new Set<string>();
  const history = new History({ start: now, size: options.size ?? 100 });
  const limits = { pauseMs: 30_000, total: 50, perProject: 20, perUser: 10, ...options.limits };
  const streams = new Streams({ history, clock, limits, log: silentLogger });
  const app = createEventsApp(
    {
      history,
      streams,
      enforcer: createEnforcer(eventsPolicies),
      authenticate: (token, requestId) => {
        if (!token || revoked.has(token)) throw unauthorized('The request you have made requires authentication.');
        return contextOf(token, requestId);
      },
    },
    { log: silentLogger },
  );
  return {
    app,
    history,
    streams,
    revoked,
    pass: (ms: number) => void (now += ms),
    say(eventType: string, payload: Record<string, unknown>, projectId?: string): void {
      const notification = {
        eventType,
        payload,
        publisherId: 'compute.h1',
        priority: 'INFO' as const,
        timestamp: clock.now().toISOString(),
        messageId: 'm',
        requestId: 'req-1',
        ...(projectId !== undefined && { projectId }),
      };
      for (const heard of normalise(notification)) history.add(heard);
      streams.poke();
    },
    server(id: string, projectId = 'demo', more: Record<string, unknown> = {}): void {
      this.say(
        'compute.instance.update',
        { instance_id: id, display_name: `vm ${id}`, status: 'ACTIVE', ...more },
        projectId,
      );
    },
    async get(url: string, token = 'demo') {
      const answer = await app.fastify.inject({ method: 'GET', url, headers: { 'x-auth-token': token } });
      return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
    },
  };
}
