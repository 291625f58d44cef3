import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { HttpRequest, HttpResponse } from '#common/api/transport.ts';
import { createImageClient, customProperties, type Image } from './image.ts';
import { createNetworkClient } from './network.ts';
import { callerWithToken, createRestClient, isServiceAway } from './rest.ts';

const answering = (status: number, text: string) => {
  const asked: HttpRequest[] = [];
  const call = async (request: HttpRequest): Promise<HttpResponse> => {
    asked.push(request);
    return {
      status,
      headers: {},
      text: async () => text,
      json: async <T>() => JSON.parse(text) as T,
      stream: Readable.from([text]),
    };
  };
  return { call, asked };
};
const failure = async (status: number, text: string) => {
  const rest = createRestClient({ service: 'Neutron', baseUrl: 'http://x', call: answering(status, text).call });
  return rest.json('GET', '/').then(
    () => null,
    (error: unknown) => error as { status: number; message: string; type?: string },
  );
};

describe('a client of another service', () => {
  it.each([
    [409, '{"NeutronError":{"type":"OverQuota","message":"Too many.","detail":""}}', 'Too many.', 'OverQuota'],
    [404, '{"itemNotFound":{"code":404,"message":"Gone."}}', 'Gone.', undefined],
    [404, '404 Not Found\n\nNo image found', '404 Not Found\n\nNo image found', undefined],
    [403, '<html>secret</html>', 'Neutron answered with HTTP 403.', undefined],
    [500, '', 'Neutron answered with HTTP 500.', undefined],
  ])('gives its refusals on: %i %s', async (status, text, message, type) => {
    expect(await failure(status, text)).toMatchObject({ status, message, ...(type && { type }) });
  });

  it('says which service does not answer', async () => {
    const rest = createRestClient({
      service: 'Glance',
      baseUrl: 'http://glance:9292',
      call: () => Promise.reject(new Error('connect ECONNREFUSED')),
    });
    const error = await rest.json('GET', '/').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      status: 503,
      message: 'Glance at http://glance:9292 does not answer: connect ECONNREFUSED',
    });
    expect(isServiceAway(error)).toBe(true);
    expect(isServiceAway(await failure(404, ''))).toBe(false);
  });

  it('sends the user’s token', async () => {
    const { call, asked } = answering(200, '{}');
    await callerWithToken({ request: call }, 't1')({ method: 'GET', url: 'http://x/' });
    expect(asked[0]?.headers).toEqual({ 'x-auth-token': 't1' });
  });

  it('asks Neutron for several at once', async () => {
    const { call, asked } = answering(200, '{"networks":[{"id":"a"}]}');
    expect(await createNetworkClient('http://n', call).networks.list({ id: ['a', 'b'], name: undefined })).toEqual([
      { id: 'a' },
    ]);
    expect(asked[0]?.url).toBe('http://n/v2.0/networks?id=a&id=b');
  });

  it('pages through Glance, and knows what people have set on an image', async () => {
    const { call } = answering(200, '{"images":[{"id":"a"},{"id":"b"}],"next":"/v2/images?marker=b"}');
    const page = await createImageClient('http://g', call).list({ limit: 2 });
    expect([page.images.length, page.next]).toEqual([2, 'b']);
    const image = { id: 'a', name: 'n', os_type: 'linux', hw_scsi: 1, size: 3, direct_url: null } as unknown as Image;
    expect(customProperties(image)).toEqual({ os_type: 'linux', hw_scsi: '1' });
  });
});
