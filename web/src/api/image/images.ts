import { request, whole } from '../client.ts';
import { isNotFound } from '../fault.ts';
import type { Resource } from '../resource.ts';
import { sessionNow } from '../session.ts';

/** An image as Glance v2 shows it; further properties stand beside these. */
export interface Image {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  readonly visibility: 'public' | 'private' | 'shared' | 'community';
  readonly owner: string | null;
  readonly protected: boolean;
  readonly disk_format: string | null;
  readonly container_format: string | null;
  /** Bytes. */
  readonly size: number | null;
  readonly virtual_size: number | null;
  /** GiB */
  readonly min_disk: number;
  /** MiB */
  readonly min_ram: number;
  readonly checksum: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly tags: readonly string[];
  readonly os_hidden: boolean;
  readonly os_hash_algo?: string | null;
  readonly os_hash_value?: string | null;
  /** Names of the stores that have the data, with commas between. */
  readonly stores?: string;
  readonly os_glance_import_task?: string;
  readonly os_glance_importing_to_stores?: string;
  readonly os_glance_failed_import?: string;
  readonly [property: string]: unknown;
}

const read = (query: string, signal?: AbortSignal): Promise<Image[]> =>
  whole<Image>('image', `/images${query}`, (body: { images: Image[] }) => body.images, signal);

/** Those that are not hidden. Glance shows administrators every project's: their own list is picked out here. */
export const images: Resource<Image> = {
  kind: 'image',
  service: 'image',
  async list({ all }, signal) {
    const found = await read('', signal);
    const session = sessionNow();
    if (all || !session?.signedIn || !session.isAdmin) return found;
    const project = session.project.id;
    const shared = await Promise.all(
      found.filter((one) => isForeignShare(one, project)).map((one) => memberStatusOf(one.id, project, signal)),
    );
    const accepted = new Set(shared.flatMap(({ id, status }) => (status === 'accepted' ? [id] : [])));
    return found.filter((one) => one.owner === project || one.visibility === 'public' || accepted.has(one.id));
  },
  get: (id, signal) => request<Image>('image', `/images/${id}`, { signal }),
  // What is offered to a project enters its list when it accepts.
  projectOf: ({ visibility, owner }) => (visibility === 'public' ? null : (owner ?? 'nobody')),
};

const isForeignShare = ({ visibility, owner }: Image, project: string): boolean =>
  visibility === 'shared' && owner !== project;

export const memberStatuses = ['pending', 'accepted', 'rejected'] as const;
export type MemberStatus = (typeof memberStatuses)[number];

/** Shared by another project with the caller's. */
export interface SharedImage extends Image {
  readonly memberStatus: MemberStatus;
}

/** What others share with the project, also what it has not answered or has rejected. */
export async function imagesSharedWith(project: string, signal?: AbortSignal): Promise<SharedImage[]> {
  const session = sessionNow();
  if (session?.signedIn && session.isAdmin) {
    const foreign = (await read('', signal)).filter((one) => isForeignShare(one, project));
    const statuses = await Promise.all(foreign.map(({ id }) => memberStatusOf(id, project, signal)));
    return foreign.flatMap((image, at) => {
      const status = statuses[at]?.status;
      return status ? [{ ...image, memberStatus: status }] : [];
    });
  }
  const lists = await Promise.all(
    memberStatuses.map(async (memberStatus) =>
      (await read(`?visibility=shared&member_status=${memberStatus}`, signal))
        .filter(({ owner }) => owner !== project)
        .map((image): SharedImage => ({ ...image, memberStatus })),
    ),
  );
  return lists.flat();
}

/** Null: it is not shared with the project. */
async function memberStatusOf(
  id: string,
  project: string,
  signal?: AbortSignal,
): Promise<{ readonly id: string; readonly status: MemberStatus | null }> {
  try {
    const member = await request<{ status: MemberStatus }>('image', `/images/${id}/members/${project}`, { signal });
    return { id, status: member.status };
  } catch (error) {
    if (isNotFound(error)) return { id, status: null };
    throw error;
  }
}

/** Those that lists leave out. */
export const hiddenImages = (signal?: AbortSignal): Promise<Image[]> => read('?os_hidden=true', signal);

/** What other projects give to everybody who looks for it. */
export const communityImages = (signal?: AbortSignal): Promise<Image[]> => read('?visibility=community', signal);
