import { request } from '../client.ts';
import type { Group, User } from './identity.ts';

/** A group's users. @throws ApiFault */
export const usersOf = async (group: string, signal?: AbortSignal): Promise<readonly User[]> =>
  (await request<{ users: User[] }>('identity', `/groups/${group}/users`, { signal })).users;

/** A user's groups. @throws ApiFault */
export const groupsOf = async (user: string, signal?: AbortSignal): Promise<readonly Group[]> =>
  (await request<{ groups: Group[] }>('identity', `/users/${user}/groups`, { signal })).groups;

export const addToGroup = (group: string, user: string): Promise<void> =>
  request('identity', `/groups/${group}/users/${user}`, { method: 'PUT' });
export const removeFromGroup = (group: string, user: string): Promise<void> =>
  request('identity', `/groups/${group}/users/${user}`, { method: 'DELETE' });
