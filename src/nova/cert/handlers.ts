import { join } from 'node:path';
import type { RpcHandlers } from '#common/bus/bus.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { NovaConfig } from '../config.ts';
import type { certRpc } from '../rpc.ts';
import type { NovaTables } from '../tables.ts';
import { openAuthority, type Authority } from './authority.ts';
import { insertCertificate, revokeCertificates, revokedOf } from './rows.ts';
import { subjectOf } from './subject.ts';

export interface CertDeps {
  readonly db: Database<NovaTables>;
  readonly clock: Clock;
  readonly conf: NovaConfig;
}

/** `root`, or the project's id where each has its own. */
type AuthorityName = string;
const ROOT: AuthorityName = 'root';

/**
 * What nova-cert does when asked. Authorities are opened (and made) at the first question: a key takes a quarter of a second
 * of a processor, which a cloud that never asks need not spend.
 */
export function certHandlers({ db, clock, conf }: CertDeps): RpcHandlers<(typeof certRpc)['methods']> {
  const { ca_path: folder, ca_file: certificate, key_file: key, crl_file: list, ...options } = conf.DEFAULT;
  const open = new Map<AuthorityName, Promise<Authority>>();
  const nameFor = (projectId: string): AuthorityName => (options.use_project_ca ? safe(projectId) : ROOT);
  const make = async (name: AuthorityName): Promise<Authority> => {
    const now = clock.now();
    if (name === ROOT) return openAuthority({ folder, certificate, key, list }, { parent: null, now });
    return openAuthority(
      { folder: join(folder, 'projects', name), certificate, key, list },
      { parent: await get(ROOT), now, subject: subjectOf(options.project_cert_subject, [name, isoMicros(now)]) },
    );
  };
  const get = (name: AuthorityName): Promise<Authority> => {
    let known = open.get(name);
    if (!known) {
      known = make(name);
      // A folder that cannot be written now may be mended: the next question tries again.
      known.catch(() => open.delete(name));
      open.set(name, known);
    }
    return known;
  };

  return {
    fetchCa: async ({ projectId }) => ({ pem: (await get(nameFor(projectId))).pem }),
    async fetchCrl({ projectId }) {
      const name = nameFor(projectId);
      return { pem: await (await get(name)).list(await revokedOf(db.query, name), clock.now()) };
    },
    async generate({ userId, projectId }) {
      const authority = nameFor(projectId);
      const now = clock.now();
      const subject = subjectOf(options.user_cert_subject, [projectId, userId, isoMicros(now)]);
      const { serial, ...issued } = await (await get(authority)).issue(subject, now);
      await insertCertificate(db.query, { authority, serial, userId, projectId, subject }, isoMicros(now));
      return issued;
    },
    async revoke(whose) {
      if (whose.userId === undefined && whose.projectId === undefined)
        throw new Error('Whose certificates are to be revoked must be said: a user, a project, or both.');
      const now = clock.now();
      const { authorities, revoked } = await db.transaction((trx) => revokeCertificates(trx, whose, isoMicros(now)));
      for (const name of authorities) await (await get(name)).list(await revokedOf(db.query, name), now);
      return { revoked };
    },
    async decrypt({ projectId, base64 }) {
      const authority = await get(nameFor(projectId));
      return { base64: authority.decrypt(Buffer.from(base64, 'base64')).toString('base64') };
    },
  };
}

/** A project's id becomes a folder's name. @throws Error for what could lead elsewhere */
function safe(projectId: string): string {
  if (!/^[\w-]{1,64}$/.test(projectId) || projectId === ROOT) throw new Error('This is no id of a project.');
  return projectId;
}
