import { routesFor } from '#common/api/route.ts';

export const minVersion = '2.1';
export const maxVersion = '2.93';

interface Version {
  readonly id: string;
  readonly status: 'SUPPORTED' | 'CURRENT';
  readonly version: string;
  readonly min_version: string;
  readonly updated: string;
}
const v2: Version = { id: 'v2.0', status: 'SUPPORTED', version: '', min_version: '', updated: '2011-01-21T11:33:21Z' };
const v21: Version = {
  id: 'v2.1',
  status: 'CURRENT',
  version: maxVersion,
  min_version: minVersion,
  updated: '2013-07-23T11:33:21Z',
};

const self = (host: string, path: string) => ({ rel: 'self', href: `${host}/${path}/` });
const full = (version: Version, host: string, path: string, media: string) => ({
  version: {
    ...version,
    links: [self(host, path), { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' }],
    'media-types': [{ base: 'application/json', type: `application/vnd.openstack.compute+json;version=${media}` }],
  },
});

const route = routesFor<object>();

/** What `GET /` says; anybody may ask. */
export const versionListRoutes = [
  route({
    id: 'versions.list',
    summary: 'List API versions',
    method: 'GET',
    path: '/',
    policy: null,
    status: 200,
    handle: (_nothing, { host }) => ({
      versions: [
        { ...v2, links: [self(host, 'v2')] },
        { ...v21, links: [self(host, 'v2.1')] },
      ],
    }),
  }),
  route({
    id: 'versions.v2',
    summary: 'Show API version 2',
    method: 'GET',
    path: '/v2',
    policy: null,
    status: 200,
    handle: (_nothing, { host }) => full(v2, host, 'v2', '2'),
  }),
];

/** `GET /v2.1`: mounted where microversions are negotiated. */
export const version21Routes = [
  route({
    id: 'versions.v2_1',
    summary: 'Show API version 2.1',
    method: 'GET',
    path: '/',
    policy: null,
    status: 200,
    handle: (_nothing, { host }) => full(v21, host, 'v2.1', '2.1'),
  }),
];
