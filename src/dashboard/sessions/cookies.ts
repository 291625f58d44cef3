import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

/**
 * What the browser keeps. Two cookies, both out of scripts' reach (HttpOnly) and for `/dashboard` only:
 *
 * - the session's id: 256 random bits; gone when the browser is closed. Somebody who has not signed in carries an id as well,
 *   marked as a visitor's, for the CSRF token of the sign-in form. Nothing is kept in the server for it, and signing in never
 *   takes it over: a session's id is always a new one that we made.
 * - where the user was last (`where.ts`); harmless.
 *
 * SameSite=Strict: another site's page can make the browser send neither. Links from mails and tickets work all the same: the
 * page itself needs no cookie, and what it then asks for comes from our own page.
 */
export interface Cookies {
  readonly sessionName: string;
  readonly whereName: string;
  read(header: string | undefined): {
    readonly id: string | null;
    readonly where: string | null;
    /**
     * There is more than one session: a page of this host, at another port perhaps, has set one for another path, so that
     * the person works in somebody else's. Nobody can tell which is ours; none is taken.
     */
    readonly planted: boolean;
  };
  /** Values of `set-cookie`. */
  session(id: string): string;
  /** Values of `set-cookie` that take away what was planted where requests for the session go by. */
  uproot(): readonly string[];
  where(value: string): string;
}

const YEAR = 365 * 86_400;
/** Where a cookie reaches `/dashboard/api/session` from, besides ours. */
const OTHER_PATHS = ['/', '/dashboard/', '/dashboard/api', '/dashboard/api/', '/dashboard/api/session'];
const VISITOR = 'visitor.';
const idPattern = /^(visitor\.)?[A-Za-z0-9_-]{43}$/;

/**
 * @param cloud what tells one cloud from another (its Identity service): cookies do not heed ports, and two clouds on one
 *   machine must not sign each other's users out
 */
export function createCookies(
  cloud: string,
  secure: boolean,
  codec: Pick<FastifyInstance, 'parseCookie' | 'serializeCookie'>,
): Cookies {
  const mark = createHash('sha256').update(cloud).digest('hex').slice(0, 8);
  const [sessionName, whereName] = [`igloo_session_${mark}`, `igloo_where_${mark}`];
  const options = { path: '/dashboard', httpOnly: true, sameSite: 'strict', secure } as const;
  return {
    sessionName,
    whereName,
    read(header) {
      const all = header === undefined ? {} : codec.parseCookie(header);
      const named = (header ?? '').split(';').filter((one) => one.trim().startsWith(`${sessionName}=`));
      const planted = named.length > 1;
      const id = planted ? undefined : all[sessionName];
      return { id: id !== undefined && idPattern.test(id) ? id : null, where: all[whereName] ?? null, planted };
    },
    session: (id) => codec.serializeCookie(sessionName, id, options),
    uproot: () => OTHER_PATHS.map((path) => codec.serializeCookie(sessionName, '', { ...options, path, maxAge: 0 })),
    where: (value) => codec.serializeCookie(whereName, value, { ...options, maxAge: YEAR }),
  };
}

export const newSessionId = (): string => randomBytes(32).toString('base64url');
export const newVisitorId = (): string => VISITOR + newSessionId();
export const isVisitor = (id: string): boolean => id.startsWith(VISITOR);

/** Follows from the id and does not give it away, so it lives and dies with the id and is kept nowhere. */
export const csrfOf = (id: string): string => createHmac('sha256', id).update('csrf').digest('base64url');

export function isCsrfOf(id: string, given: unknown): boolean {
  const wanted = Buffer.from(csrfOf(id));
  const got = Buffer.from(typeof given === 'string' ? given : '');
  return got.length === wanted.length && timingSafeEqual(got, wanted);
}
