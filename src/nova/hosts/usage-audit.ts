import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { ServerSummary } from '../servers/model.ts';
import { serversDuring } from '../servers/rows.ts';
import type { NovaTables } from '../tables.ts';
import { lastPeriod } from './audit-period.ts';
import { beginAudit, endAudit, listAudits } from './audit-rows.ts';
import { listServices } from './services-rows.ts';

export interface AuditDeps {
  readonly db: Database<NovaTables>;
  readonly clock: Clock;
  readonly log: Logger;
  /** `instance_usage_audit_period` */
  readonly period: string;
  readonly notify: (event: string, server: ServerSummary, extra?: Readonly<Record<string, unknown>>) => Promise<void>;
}

/**
 * Tells of every server that existed in the last period (`compute.instance.exists`), host by host, once each. A host's row is
 * the claim: of several conductors one does it. What a crash leaves RUNNING stays so, as in Nova: bills are not told twice.
 */
export async function auditUsage({ db, clock, log, period, notify }: AuditDeps): Promise<void> {
  const { begin, end } = lastPeriod(period, clock.now());
  const span = { begin: isoMicros(begin), end: isoMicros(end) };
  const done = new Set((await listAudits(db.query, span)).map((audit) => audit.host));
  const hosts = (await listServices(db.query, { binary: 'nova-compute' })).map((service) => service.host);
  const open = hosts.filter((host) => !done.has(host));
  if (open.length === 0) return;
  const servers = await serversDuring(db.query, { start: span.begin, stop: span.end });
  for (const host of open) {
    const mine = servers.filter((server) => server.host === host);
    if (!(await beginAudit(db.query, host, span, mine.length))) continue;
    let errors = 0;
    for (const server of mine)
      await notify('compute.instance.exists', server, {
        audit_period_beginning: span.begin,
        audit_period_ending: span.end,
      }).catch((error: unknown) => {
        errors++;
        log.warn(`The usage of server ${server.id} could not be told`, error);
      });
    await endAudit(db.query, host, span, {
      message: `Instance usage audit ran for host ${host}, ${mine.length} instances, ${errors} errors.`,
      instances: mine.length,
      errors,
    });
  }
}
