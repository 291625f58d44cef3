import { request } from '../client.ts';

/** All tags of a project anew. @throws ApiFault */
export const setTags = (project: string, tags: readonly string[]): Promise<void> =>
  request('identity', `/projects/${project}/tags`, { method: 'PUT', body: { tags } });

/** Why a text cannot be a tag: Keystone takes up to 255 characters without commas and slashes, 80 of them. */
export const isTag = (text: string): boolean => /^[^,/]{1,255}$/.test(text);
