import type { HttpResponse } from '#common/api/transport.ts';
import { StartupError } from '#common/daemon.ts';
import { StoreError, type ImageStore, type StoreSink } from '../driver.ts';
import { inOrder } from '../ordered.ts';
import type { StoreDeps, StoreSpec } from '../stores.ts';
import { signV4 } from './signature.ts';

const mebibyte = 2 ** 20;
/** Milliseconds that one part may take. */
const transferMs = 3_600_000;

interface Asked {
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  readonly signal?: AbortSignal;
  readonly large?: boolean;
}

/**
 * Keeps each image as an object of one bucket of Amazon's S3 or a server like it; large ones are sent in parts. Locations
 * are `s3://host/bucket/id` and name no credentials.
 * @throws StartupError when it is not told where S3 is
 */
export async function createS3Store(spec: StoreSpec, { transport, clock }: StoreDeps): Promise<ImageStore> {
  const { settings } = spec;
  for (const name of ['s3_store_host', 's3_store_access_key', 's3_store_secret_key'] as const)
    if (!settings[name]) throw new StartupError(`The store "${spec.name}" (S3) needs ${name}.`);
  const host = settings.s3_store_host ?? '';
  const server = new URL(host.includes('://') ? host : `https://${host}`);
  const bucket = settings.s3_store_bucket;
  const format = settings.s3_store_bucket_url_format;
  const inPath = format === 'path' || (format === 'auto' && !server.hostname.endsWith('.amazonaws.com'));
  const credentials = {
    accessKey: settings.s3_store_access_key ?? '',
    secretKey: settings.s3_store_secret_key ?? '',
    region: settings.s3_store_region_name,
  };
  const partBytes = Math.max(5, settings.s3_store_large_object_chunk_size) * mebibyte;
  const wholeBytes = settings.s3_store_large_object_size * mebibyte;
  const root = `s3://${server.host}/${bucket}/`;

  const keyOf = (location: string): string => {
    const key = location.startsWith(root) ? location.slice(root.length) : '';
    if (key === '' || /[?#]/.test(key))
      throw new StoreError('refused', `"${location}" is no location of the store "${spec.name}".`);
    return key;
  };

  const request = async (method: string, asked: Asked): Promise<HttpResponse> => {
    const url = new URL(server);
    if (!inPath) url.hostname = `${bucket}.${url.hostname}`;
    url.pathname = `${inPath ? `/${bucket}` : ''}${asked.key === undefined ? (inPath ? '' : '/') : `/${asked.key}`}`;
    for (const [name, value] of Object.entries(asked.query ?? {})) url.searchParams.set(name, value);
    const body = asked.body ?? '';
    const { host: _host, ...headers } = signV4(
      { method, url, headers: asked.headers ?? {}, body },
      credentials,
      clock.now(),
    );
    try {
      return await transport.request({
        method,
        url: url.href,
        headers:
          method === 'PUT' || method === 'POST'
            ? { ...headers, 'content-length': String(Buffer.byteLength(body)) }
            : headers,
        timeoutMs: transferMs,
        ...(asked.body !== undefined && { body: asked.body }),
        ...(asked.signal && { signal: asked.signal }),
        ...(asked.large && { large: true }),
      });
    } catch (cause) {
      if (asked.signal?.aborted) throw cause;
      throw new StoreError('unreachable', `S3 does not answer: ${(cause as Error).message}`, cause);
    }
  };

  const checked = async (answer: HttpResponse, what: string): Promise<HttpResponse> => {
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw problemOf(answer.status, await answer.text(), what);
  };
  /** For answers whose body says nothing. */
  const told = async (method: string, what: string, asked: Asked): Promise<HttpResponse> => {
    const answer = await checked(await request(method, asked), what);
    answer.stream.resume();
    return answer;
  };

  const ensureBucket = async (): Promise<void> => {
    const found = await request('HEAD', {});
    found.stream.resume();
    if (found.status !== 404) return void (await checked(found, `The bucket ${bucket}`));
    if (!settings.s3_store_create_bucket_on_put)
      throw new StoreError(
        'denied',
        `The bucket ${bucket} does not exist in S3. Create it, or set s3_store_create_bucket_on_put = True.`,
      );
    const elsewhere = credentials.region !== 'us-east-1';
    await told('PUT', 'Making the bucket', {
      body: elsewhere
        ? `<CreateBucketConfiguration><LocationConstraint>${credentials.region}</LocationConstraint></CreateBucketConfiguration>`
        : '',
    });
  };

  const remove = async (key: string): Promise<void> => {
    const answer = await request('DELETE', { key });
    if (answer.status === 404) return void answer.stream.resume();
    (await checked(answer, 'Removing image data')).stream.resume();
  };

  const discard = async (imageId: string): Promise<void> => {
    const listed = await request('GET', { query: { uploads: '', prefix: imageId } });
    if (listed.status === 404) return void listed.stream.resume();
    const text = await (await checked(listed, 'A list of uploads')).text();
    for (const [, upload = ''] of text.matchAll(/<Upload>(.*?)<\/Upload>/gs))
      if (tagOf(upload, 'Key') === imageId)
        await told('DELETE', 'Giving up an upload', { key: imageId, query: { uploadId: tagOf(upload, 'UploadId') } });
    await remove(imageId);
  };

  const create = async (imageId: string, expected: number | undefined): Promise<StoreSink> => {
    await ensureBucket();
    await discard(imageId);
    // Little data whose size is known goes in one piece; other data in parts, of which one is in memory.
    const limit = expected !== undefined && expected < wholeBytes ? Math.max(partBytes, expected) : partBytes;
    const queue = inOrder();
    let gathered: Buffer[] = [];
    let bytes = 0;
    let uploadId: string | undefined;
    const etags: string[] = [];
    let done = false;
    const take = (): Buffer => {
      const part = Buffer.concat(gathered);
      gathered = [];
      bytes = 0;
      return part;
    };
    const sendPart = async (): Promise<void> => {
      if (uploadId === undefined) {
        const begun = await checked(
          await request('POST', { key: imageId, query: { uploads: '' }, body: '' }),
          'Keeping image data',
        );
        uploadId = tagOf(await begun.text(), 'UploadId');
      }
      const query = { partNumber: String(etags.length + 1), uploadId };
      const answer = await told('PUT', 'Keeping image data', { key: imageId, query, body: take() });
      etags.push(answer.headers['etag'] ?? '');
    };
    return {
      write: (block) =>
        queue(async () => {
          for (let at = 0; at < block.length;) {
            const part = Math.min(block.length - at, limit - bytes);
            gathered.push(Buffer.from(block.subarray(at, at + part)));
            bytes += part;
            at += part;
            // A full part waits for more: what ends here goes in one piece.
            if (bytes === limit && (at < block.length || uploadId !== undefined || expected !== limit))
              await sendPart();
          }
        }),
      async commit() {
        await queue(async () => {
          if (uploadId === undefined) {
            await told('PUT', 'Keeping image data', { key: imageId, body: take() });
            return;
          }
          if (bytes > 0) await sendPart();
          const parts = etags.map(
            (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
          );
          const answer = await checked(
            await request('POST', {
              key: imageId,
              query: { uploadId },
              body: `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`,
            }),
            'Putting the parts together',
          );
          const text = await answer.text();
          // S3 begins to answer 200 before it knows.
          if (text.includes('<Error>')) throw problemOf(500, text, 'Putting the parts together');
        });
        done = true;
        return root + imageId;
      },
      async abort() {
        if (done) return;
        done = true;
        gathered = [];
        await discard(imageId);
      },
    };
  };

  return {
    name: spec.name,
    details: { s3_store_host: server.host, s3_store_bucket: bucket, s3_store_bucket_url_format: format },
    schemes: ['s3'],
    async size(location, signal) {
      const answer = await told('HEAD', 'Image data', { key: keyOf(location), signal });
      return Number(answer.headers['content-length']);
    },
    async read(location, range, signal) {
      const headers = range ? { range: `bytes=${range.start}-${range.end}` } : {};
      const asked = { key: keyOf(location), headers, signal, large: true };
      return (await checked(await request('GET', asked), 'Image data')).stream;
    },
    writing: {
      create,
      remove: (location) => remove(keyOf(location)),
      discard,
      // An upload does not say which host began it; it goes when its image is discarded.
      sweep: async () => undefined,
    },
  };
}

const tagOf = (xml: string, name: string): string =>
  (new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '').replaceAll('&quot;', '"').replaceAll('&amp;', '&');

function problemOf(status: number, body: string, what: string): StoreError {
  if (status === 404) return new StoreError('missing', 'Image data could not be found in the store.');
  const said = tagOf(body, 'Message') || `HTTP ${status}`;
  if (status === 401 || status === 403) return new StoreError('denied', `${what} is not allowed in S3: ${said}`);
  if (status === 507) return new StoreError('full', `Image storage media is full: ${said}`);
  return new StoreError('unreachable', `${what} failed in S3: ${said}`);
}
