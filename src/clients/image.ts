import { ApiError } from '#common/api/errors.ts';
import { createRestClient, queryString, type Caller } from './rest.ts';

/** An image as Glance's v2 API shows it; other properties of it stand beside these. */
export interface Image {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  readonly visibility: string;
  readonly owner: string | null;
  /** Bytes; null until uploaded. */
  readonly size: number | null;
  readonly virtual_size?: number | null;
  readonly container_format: string | null;
  readonly disk_format: string | null;
  /** GiB */
  readonly min_disk: number;
  /** MiB */
  readonly min_ram: number;
  readonly protected: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  readonly tags: readonly string[];
  readonly [property: string]: unknown;
}

const standard = new Set(
  (
    'id name status visibility owner size virtual_size container_format disk_format min_disk min_ram protected ' +
    'created_at updated_at tags checksum self file schema locations direct_url os_hidden os_hash_algo os_hash_value stores'
  ).split(' '),
);

/** What people have set on an image: `hw_disk_bus`, `kernel_id` … as text. */
export function customProperties(image: Image): Record<string, string> {
  return Object.fromEntries(
    Object.entries(image)
      .filter(([name, value]) => !standard.has(name) && value !== null && value !== undefined)
      .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

export interface ImagePatch {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/** Glance, as far as other services need it. */
export interface ImageClient {
  /** @throws ApiError 404 */
  show(id: string): Promise<Image>;
  /** One page; `next` is the marker of the following one. */
  list(query: {
    readonly limit?: number;
    readonly marker?: string;
    readonly filters?: Readonly<Record<string, string>>;
  }): Promise<{ readonly images: readonly Image[]; readonly next: string | null }>;
  /** Makes an image without data. @param image with its properties, and with `id` where that is chosen by the caller */
  create(image: Readonly<Record<string, unknown>>): Promise<Image>;
  /** Gives an image its data, after which it is active. */
  upload(id: string, data: string): Promise<void>;
  /** Changes an image as a JSON patch says: `{op: 'replace', path: '/os_type', value: 'linux'}`. */
  update(id: string, patch: readonly ImagePatch[]): Promise<Image>;
  /** Lets a project see a shared image. */
  addMember(id: string, projectId: string): Promise<void>;
  delete(id: string): Promise<void>;
}

/** @param baseUrl `http://controller:9292` */
export function createImageClient(baseUrl: string, call: Caller): ImageClient {
  const rest = createRestClient({ service: 'Glance', baseUrl, call });
  return {
    show: (id) => rest.json<Image>('GET', `/v2/images/${encodeURIComponent(id)}`),
    async list({ limit, marker, filters }) {
      const query = queryString({ limit: limit?.toString(), marker, ...filters });
      const page = await rest.json<{ images: Image[]; next?: string }>('GET', `/v2/images${query}`);
      return { images: page.images, next: page.next === undefined ? null : (page.images.at(-1)?.id ?? null) };
    },
    create: (image) => rest.json<Image>('POST', '/v2/images', image),
    async upload(id, data) {
      const answer = await call({
        method: 'PUT',
        url: `${baseUrl}/v2/images/${encodeURIComponent(id)}/file`,
        headers: { 'content-type': 'application/octet-stream' },
        body: data,
      });
      if (answer.status >= 400)
        throw new ApiError(answer.status, `Glance did not take the data of image ${id}: ${await answer.text()}`);
    },
    update: (id, patch) =>
      createRestClient({
        service: 'Glance',
        baseUrl,
        call: (request) =>
          call({
            ...request,
            headers: { ...request.headers, 'content-type': 'application/openstack-images-v2.1-json-patch' },
          }),
      }).json<Image>('PATCH', `/v2/images/${encodeURIComponent(id)}`, patch),
    addMember: (id, member) => rest.json<undefined>('POST', `/v2/images/${encodeURIComponent(id)}/members`, { member }),
    delete: (id) => rest.json<undefined>('DELETE', `/v2/images/${encodeURIComponent(id)}`),
  };
}
