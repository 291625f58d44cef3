import { request } from '../client.ts';
import type { MemberStatus } from './images.ts';

/** A project that an image is shared with. */
export interface ImageMember {
  readonly member_id: string;
  readonly image_id: string;
  readonly status: MemberStatus;
  readonly created_at: string;
  readonly updated_at: string;
}

const path = (image: string, project?: string): string =>
  `/images/${image}/members${project === undefined ? '' : `/${encodeURIComponent(project)}`}`;

export const imageMembers = async (image: string, signal?: AbortSignal): Promise<readonly ImageMember[]> =>
  (await request<{ members: ImageMember[] }>('image', path(image), { signal })).members;

export const shareImage = (image: string, project: string): Promise<ImageMember> =>
  request('image', path(image), { method: 'POST', body: { member: project } });

export const unshareImage = (image: string, project: string): Promise<void> =>
  request('image', path(image, project), { method: 'DELETE' });

/** The project's answer to an offer. */
export const answerShare = (image: string, project: string, status: MemberStatus): Promise<ImageMember> =>
  request('image', path(image, project), { method: 'PUT', body: { status } });
