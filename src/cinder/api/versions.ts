import { routesFor } from '#common/api/route.ts';

export const minVersion = '3.0';
export const maxVersion = '3.70';

/** What each version says of itself. */
const versions = {
  v1: { id: 'v1.0', status: 'SUPPORTED', version: '', min_version: '', updated: '2012-01-04T11:33:21Z' },
  v2: { id: 'v2.0', status: 'SUPPORTED', version: '', min_version: '', updated: '2012-11-21T11:33:21Z' },
  v3: {
    id: 'v3.0',
    status: 'CURRENT',
    version: maxVersion,
    min_version: minVersion,
    updated: '2022-08-31T00:00:00Z',
  },
} as const;
export type ApiName = keyof typeof versions;

const described = (name: ApiName, host: string) => ({
  ...versions[name],
  links: [
    { rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/' },
    { rel: 'self', href: `${host}/${name}/` },
  ],
  'media-types': [{ base: 'application/json', type: `application/vnd.openstack.volume+json;version=${name.slice(1)}` }],
});

const route = routesFor<readonly ApiName[]>();

/** What `GET /` says of all versions that are served; anybody may ask. */
export const versionListRoutes = [
  route({
    id: 'versions.list',
    summary: 'List API versions',
    method: 'GET',
    path: '/',
    policy: null,
    status: 300,
    handle: (served, { host, reply }) => {
      reply.header('openstack-api-version', `volume ${minVersion}`);
      reply.header('vary', 'OpenStack-API-Version');
      return { versions: served.map((name) => described(name, host)) };
    },
  }),
];

/** `GET /v3/` */
export const versionRoutes = [
  route({
    id: 'versions.show',
    summary: 'Show the API version',
    method: 'GET',
    path: '/',
    policy: null,
    status: 200,
    handle: (_served, { host, api }) => ({ versions: [described(api as ApiName, host)] }),
  }),
];
