import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import type { Identity } from '../identity.ts';

const route = routesFor<Identity>();
const mediaType = (version: string) => [
  { base: 'application/json', type: `application/vnd.openstack.identity-${version}+json` },
];

/** @param host `http://host:port` */
const v3 = (host: string) => ({
  id: 'v3.14',
  status: 'stable',
  updated: '2020-04-07T00:00:00Z',
  links: [{ rel: 'self', href: `${host}/v3/` }],
  'media-types': mediaType('v3'),
});

/** @param host `http://host:port` */
const v2 = (host: string) => ({
  id: 'v2.0',
  status: 'stable',
  updated: '2014-04-17T00:00:00Z',
  links: [
    { rel: 'self', href: `${host}/v2.0/` },
    { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' },
  ],
  'media-types': mediaType('v2.0'),
});

const Version = Type.Object({ version: Type.Unknown() });

/** `GET /`: which versions there are. */
export const versionsRoutes = [
  route({
    id: 'versions.list',
    summary: 'List API versions',
    method: 'GET',
    path: '/',
    policy: null,
    status: 300,
    response: Type.Object({ versions: Type.Object({ values: Type.Array(Type.Unknown()) }) }),
    handle: (_identity, { host, reply }) => {
      reply.header('location', `${host}/v3/`);
      return { versions: { values: [v3(host), v2(host)] } };
    },
  }),
];

export const v3VersionRoutes = [
  route({
    id: 'versions.v3',
    summary: 'Show API version 3',
    method: 'GET',
    path: '/',
    policy: null,
    status: 200,
    response: Version,
    handle: (_identity, { host }) => ({ version: v3(host) }),
  }),
];

export const v2VersionRoutes = [
  route({
    id: 'versions.v2',
    summary: 'Show API version 2.0',
    method: 'GET',
    path: '/',
    policy: null,
    status: 200,
    response: Version,
    handle: (_identity, { host }) => ({ version: v2(host) }),
  }),
];
