import { badRequest } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { isoMicros } from '#common/clock.ts';
import { IdParams } from '../api/schemas.ts';
import { lastPeriod } from './audit-period.ts';
import { listAudits } from './audit-rows.ts';
import type { HostDeps } from './deps.ts';
import { listServices } from './services-rows.ts';

const route = routesFor<HostDeps>();
const policy = 'os_compute_api:os-instance-usage-audit-log';
/** `2026-10-01 00:00:00` */
const plain = (date: Date): string => date.toISOString().slice(0, 19).replace('T', ' ');

async function report(deps: HostDeps, before: Date) {
  const { begin, end } = lastPeriod(deps.conf.DEFAULT.instance_usage_audit_period, before);
  const audits = await listAudits(deps.db.query, { begin: isoMicros(begin), end: isoMicros(end) });
  const hosts = (await listServices(deps.db.query, { binary: 'nova-compute' })).map((service) => service.host);
  const seen = new Set(audits.map((audit) => audit.host));
  const count = (state: string): number => audits.filter((audit) => audit.state === state).length;
  const [done, running] = [count('DONE'), count('RUNNING')];
  const errors = audits.reduce((sum, audit) => sum + audit.errors, 0);
  const notRun = hosts.filter((host) => !seen.has(host));
  return {
    period_beginning: plain(begin),
    period_ending: plain(end),
    num_hosts: hosts.length,
    num_hosts_done: done,
    num_hosts_running: running,
    num_hosts_not_run: notRun.length,
    hosts_not_run: notRun,
    total_instances: audits.reduce((sum, audit) => sum + audit.instances, 0),
    total_errors: errors,
    overall_status: `${done === hosts.length ? 'ALL' : `${done} of ${hosts.length}`} hosts done. ${errors} errors.`,
    log: Object.fromEntries(
      audits.map(({ host, state, instances, errors: failed, message }) => [
        host,
        { state, instances, errors: failed, message },
      ]),
    ),
  };
}

/** Whether every host has told of its servers in the last period. */
export const auditRoutes = [
  route({
    id: 'usage_audit.show_last',
    summary: 'The usage audit of the last period',
    method: 'GET',
    path: '/os-instance_usage_audit_log',
    policy,
    status: 200,
    handle: async (deps) => ({ instance_usage_audit_logs: await report(deps, deps.clock.now()) }),
  }),
  route({
    id: 'usage_audit.show',
    summary: 'The usage audit of the last period before a time',
    method: 'GET',
    path: '/os-instance_usage_audit_log/:id',
    policy,
    status: 200,
    params: IdParams,
    handle: async (deps, { params: { id } }) => {
      const at = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?$/.test(id)
        ? new Date(`${id.slice(0, 19).replace(' ', 'T')}Z`)
        : null;
      if (!at || Number.isNaN(at.getTime())) throw badRequest(`Invalid timestamp for date ${id}`);
      return { instance_usage_audit_log: await report(deps, at) };
    },
  }),
];
