import type { Readable } from 'node:stream';
import type { HttpResponse } from '#common/api/transport.ts';
import { StoreError, type ByteRange, type ImageStore } from '../driver.ts';
import type { StoreDeps, StoreSpec } from '../stores.ts';
import { allowedUrl } from './url-filter.ts';

const maxRedirects = 5;

/** Reads image data where it is, over HTTP. Read-only. Every hop of a redirect passes the URL filter again. */
export async function createHttpStore({
  name,
  transport,
  urlFilter,
}: Pick<StoreDeps, 'transport' | 'urlFilter'> & Pick<StoreSpec, 'name'>): Promise<ImageStore> {
  const fetch = async (
    method: 'HEAD' | 'GET',
    location: string,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<HttpResponse> => {
    let url = allowedUrl(location, urlFilter);
    for (let hop = 0; ; hop++) {
      const answer = await transport
        .request({
          method,
          url: url.href,
          large: true,
          signal,
          ...(range && { headers: { range: `bytes=${range.start}-${range.end}` } }),
        })
        .catch((cause: unknown) => {
          throw new StoreError('unreachable', `${url.host} does not answer: ${(cause as Error).message}`, cause);
        });
      const next = answer.headers['location'];
      if (answer.status < 300 || answer.status > 399 || next === undefined) return checked(answer, url, range);
      answer.stream.destroy();
      if (hop === maxRedirects) throw new StoreError('refused', `${location} redirects too often.`);
      url = allowedUrl(new URL(next, url).href, urlFilter);
    }
  };
  return {
    name,
    schemes: ['http', 'https'],
    check: (location) => void allowedUrl(location, urlFilter),
    async size(location, signal) {
      const answer = await fetch('HEAD', location, undefined, signal);
      answer.stream.resume();
      const length = answer.headers['content-length'];
      return length === undefined ? undefined : Number(length);
    },
    async read(location, range, signal): Promise<Readable> {
      return (await fetch('GET', location, range, signal)).stream;
    },
  };
}

function checked(answer: HttpResponse, url: URL, range: ByteRange | undefined): HttpResponse {
  if (answer.status === 200 && range === undefined) return answer;
  if (answer.status === 206 && range !== undefined) return answer;
  answer.stream.destroy();
  if (answer.status === 404 || answer.status === 410)
    throw new StoreError('missing', `There is no image data at ${url.href}.`);
  if (answer.status === 200) throw new StoreError('refused', `${url.host} does not serve parts of a file.`);
  throw new StoreError('unreachable', `${url.host} answers ${url.href} with HTTP ${answer.status}.`);
}
