import type { Session } from '#common/auth/session.ts';

/** A refused call, with the service's own words. */
export class RestError extends Error {
  override readonly name = 'RestError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** JSON calls to one service of the cloud, as one account. Paths start behind the catalogue's URL. */
export interface Rest {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
}

/** @param type the service's type in the catalogue: `network` */
export function restOf(session: Session, type: string): Rest {
  const send = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const url = (await session.endpoint(type)).replace(/\/$/, '') + path;
    const answer = await session.request({
      method,
      url,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (answer.status >= 400)
      throw new RestError(answer.status, `${method} ${url}: HTTP ${answer.status}: ${await answer.text()}`);
    return answer.status === 204 ? (undefined as T) : await answer.json<T>();
  };
  return {
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, body),
    put: (path, body) => send('PUT', path, body),
  };
}
