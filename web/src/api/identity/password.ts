import { request } from '../client.ts';

/** One's own password. Keystone ends every token that was made with the old one. @throws ApiFault 401 when `now` is wrong */
export const changePassword = (user: string, now: string, next: string): Promise<void> =>
  request('identity', `/users/${user}/password`, {
    method: 'POST',
    body: { user: { original_password: now, password: next } },
  });
