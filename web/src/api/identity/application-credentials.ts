import { request } from '../client.ts';

/** A key with which a program signs in as a user in one project, with some of the user's roles. */
export interface ApplicationCredential {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly project_id: string;
  readonly expires_at: string | null;
  readonly unrestricted: boolean;
  readonly roles: readonly { readonly id: string; readonly name: string }[];
}

const path = (user: string): string => `/users/${user}/application_credentials`;

export const applicationCredentials = async (
  user: string,
  signal?: AbortSignal,
): Promise<readonly ApplicationCredential[]> =>
  (await request<{ application_credentials: ApplicationCredential[] }>('identity', path(user), { signal }))
    .application_credentials;

/** Ends what signs in with it. @throws ApiFault */
export const deleteApplicationCredential = (user: string, id: string): Promise<void> =>
  request('identity', `${path(user)}/${id}`, { method: 'DELETE' });
