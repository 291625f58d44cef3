import { Type } from '@sinclair/typebox';
import { badRequest, conflict, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import { AnyQuery, IdParams, wrapped } from '../api/schemas.ts';
import type { NovaTables } from '../tables.ts';
import * as rows from './rows.ts';
import type { AgentBuild } from './rows.ts';

export interface AgentDeps {
  readonly db: Database<NovaTables>;
  readonly clock: Clock;
}

const route = routesFor<AgentDeps>();
/** Gone from today's API. */
const versions = { apis: ['v2'] } as const;
const policy = 'os_compute_api:os-agents';
const Text = Type.String({ minLength: 1, maxLength: 255 });
const Url = Type.String({ minLength: 1, maxLength: 255, format: 'uri' });
const Hash = Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-fA-F0-9]*$' });

const show = ({ num, hypervisor, os, architecture, version, url, md5hash }: AgentBuild) => ({
  agent_id: num,
  hypervisor,
  os,
  architecture,
  version,
  url,
  md5hash,
});

/** @throws ApiError 400 */
function numberOf(id: string): number {
  if (!/^\d{1,9}$/.test(id)) throw badRequest(`Invalid request body: agent_id must be an integer, not '${id}'`);
  return Number(id);
}
const missing = (id: string) => notFound(`No agent-build associated with id ${id}.`);

export const agentRoutes = [
  route({
    id: 'agents.list',
    summary: 'List builds of guest agents',
    method: 'GET',
    path: '/os-agents',
    versions,
    policy,
    status: 200,
    query: AnyQuery,
    handle: async ({ db }, { query }) => {
      const { hypervisor } = query;
      const list = await rows.listAgents(db.query, typeof hypervisor === 'string' ? hypervisor : undefined);
      return { agents: list.map(show) };
    },
  }),
  route({
    id: 'agents.create',
    summary: 'Register a build of a guest agent',
    method: 'POST',
    path: '/os-agents',
    versions,
    policy,
    status: 200,
    body: wrapped(
      'agent',
      Type.Object({ hypervisor: Text, os: Text, architecture: Text, version: Text, url: Url, md5hash: Hash }),
    ),
    handle: async ({ db, clock }, { body: { agent } }) => {
      await rows.insertAgent(db.query, agent, isoMicros(clock.now())).catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
        const { hypervisor, os, architecture } = agent;
        throw conflict(`Agent-build with hypervisor ${hypervisor} os ${os} architecture ${architecture} exists.`);
      });
      const made = await rows.findAgent(db.query, agent);
      if (!made) throw missing(agent.hypervisor);
      return { agent: show(made) };
    },
  }),
  route({
    id: 'agents.update',
    summary: 'Replace a build of a guest agent by a newer one',
    method: 'PUT',
    path: '/os-agents/:id',
    versions,
    policy,
    status: 200,
    params: IdParams,
    body: wrapped('para', Type.Object({ version: Text, url: Url, md5hash: Hash })),
    handle: async ({ db }, { params: { id }, body: { para } }) => {
      if (!(await rows.updateAgent(db.query, numberOf(id), para))) throw missing(id);
      const { version, url, md5hash } = para;
      return { agent: { agent_id: id, version, url, md5hash } };
    },
  }),
  route({
    id: 'agents.delete',
    summary: 'Forget a build of a guest agent',
    method: 'DELETE',
    path: '/os-agents/:id',
    versions,
    policy,
    status: 200,
    params: IdParams,
    handle: async ({ db }, { params: { id } }) => {
      if (!(await rows.deleteAgent(db.query, numberOf(id)))) throw missing(id);
      return undefined;
    },
  }),
];
