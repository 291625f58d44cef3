import { Type } from '@sinclair/typebox';
import { badRequest, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { ApiVersion } from '#common/api/version.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import type { OperationRecord, StepRecord } from '#common/operations/operation.ts';
import { operationsOf } from '#common/operations/rows.ts';
import { nextPage } from '../api/links.ts';
import { AnyQuery } from '../api/schemas.ts';
import type { FilterVerdict } from '../rpc.ts';
import { limitOf } from '../servers/filters.ts';
import { verdictText } from '../servers/model.ts';
import type { ServerService } from '../servers/service.ts';
import { hostIdOf } from '../servers/view.ts';

const ServerParams = Type.Object({ server_id: Type.String() });

const summary = (op: OperationRecord, version: ApiVersion) => ({
  action: op.action,
  instance_uuid: op.resourceId,
  request_id: op.requestId,
  user_id: op.userId,
  project_id: op.projectId,
  start_time: op.startedAt,
  message: op.status === 'failed' ? 'Error' : null,
  ...(version.atLeast('2.58') && { updated_at: op.finishedAt ?? op.steps.at(-1)?.startedAt ?? op.startedAt }),
});

/** Why it failed, for administrators: with every filter's verdict for every host where the scheduler found none. */
function tracebackOf(op: OperationRecord): string | null {
  if (!op.failure) return null;
  const { details, message, step } = op.failure;
  const verdicts = Array.isArray(details) ? `\n${verdictText(details as FilterVerdict[])}` : '';
  return `${step}: ${message}${typeof details === 'string' ? `\n${details}` : verdicts}`;
}

const resultOf = (step: StepRecord, op: OperationRecord): string | null => {
  if (step.status === 'running') return null;
  if (step.status === 'undone') return op.failure?.step === step.name ? 'Error' : 'Success';
  return step.status === 'failed' ? 'Error' : 'Success';
};

/** The journal of operations as the instance-actions API shows it. */
export function instanceActionRoutes(enforcer: Enforcer) {
  const route = routesFor<ServerService>();
  return [
    route({
      id: 'instance_actions.list',
      summary: 'List what was done to a server',
      method: 'GET',
      path: '/servers/:server_id/os-instance-actions',
      policy: 'os_compute_api:os-instance-actions:list',
      status: 200,
      params: ServerParams,
      query: AnyQuery,
      handle: async (servers, call) => {
        const { version, query, ctx } = call;
        // Those of a deleted server are shown from 2.21 on.
        const server = await servers.show(ctx, call.params.server_id, { deleted: version.atLeast('2.21') });
        let list = await operationsOf(servers.db.query, server.id);
        if (!version.atLeast('2.58')) return { instanceActions: list.map((op) => summary(op, version)) };
        const since = query['changes-since'];
        if (typeof since === 'string') list = list.filter((op) => op.startedAt >= since.slice(0, 19));
        const before = query['changes-before'];
        if (version.atLeast('2.66') && typeof before === 'string')
          list = list.filter((op) => op.startedAt <= before.replace(/Z$/, '.999999'));
        const marker = query['marker'];
        if (typeof marker === 'string' && marker !== '') {
          const at = list.findIndex((op) => op.requestId === marker);
          if (at < 0) throw badRequest(`marker [${marker}] not found`);
          list = list.slice(at + 1);
        }
        const limit = limitOf(query['limit'], servers.maxLimit);
        const page = list.slice(0, limit);
        const links = nextPage(
          call,
          `servers/${server.id}/os-instance-actions`,
          call.url,
          limit,
          list.length > limit ? page.map((op) => op.requestId) : [],
        );
        return {
          instanceActions: page.map((op) => summary(op, version)),
          ...(links.length > 0 && { links }),
        };
      },
    }),
    route({
      id: 'instance_actions.show',
      summary: 'Show what was done to a server by one request, step by step',
      method: 'GET',
      path: '/servers/:server_id/os-instance-actions/:request_id',
      policy: 'os_compute_api:os-instance-actions:show',
      status: 200,
      params: Type.Object({ server_id: Type.String(), request_id: Type.String() }),
      handle: async (servers, { params, version, ctx }) => {
        const server = await servers.show(ctx, params.server_id, { deleted: version.atLeast('2.21') });
        const op = (await operationsOf(servers.db.query, server.id)).find((one) => one.requestId === params.request_id);
        if (!op) throw notFound(`Action for request_id ${params.request_id} on instance ${server.id} not found`);
        const privileged = enforcer.allows('os_compute_api:os-instance-actions:events', ctx);
        const events = op.steps.map((step) => {
          const result = resultOf(step, op);
          const failed = result === 'Error';
          return {
            event: step.name,
            start_time: step.startedAt,
            finish_time: step.finishedAt,
            result,
            ...(privileged && { traceback: failed ? tracebackOf(op) : null }),
            ...(version.atLeast('2.62') && {
              hostId: hostIdOf(server.projectId, server.host),
              ...(privileged && { host: server.host }),
            }),
            ...(version.atLeast('2.84') && { details: failed ? (op.failure?.message ?? step.message) : null }),
          };
        });
        return {
          instanceAction: {
            ...summary(op, version),
            ...((privileged || version.atLeast('2.51')) && { events }),
          },
        };
      },
    }),
  ];
}
