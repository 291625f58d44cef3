import type { Session } from '#common/auth/session.ts';
import { callerOfSession, createRestClient, type RestClient } from '#clients/rest.ts';

/** JSON calls to one service of the cloud, as one account. @param type the service's type in the catalogue: `network` */
export async function restOf(session: Session, type: string): Promise<RestClient> {
  const baseUrl = (await session.endpoint(type)).replace(/\/$/, '');
  return createRestClient({ service: type, baseUrl, call: callerOfSession(session) });
}
