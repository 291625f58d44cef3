import { Type } from '@sinclair/typebox';
import { notFound } from '#common/api/errors.ts';
import { routesFor, type AnyRoute } from '#common/api/route.ts';
import type { Identity } from '../identity.ts';

const route = routesFor<Identity>();

const extension = (alias: string, name: string, description: string, updated: string) => ({
  name,
  namespace: `http://docs.openstack.org/identity/api/ext/${alias}/v1.0`,
  alias,
  updated,
  description,
  links: [
    {
      rel: 'describedby',
      type: 'text/html',
      href: 'https://github.com/openstack/identity-api',
    },
  ],
});

const ksadm = extension(
  'OS-KSADM',
  'OpenStack Keystone Admin',
  'OpenStack extensions to Identity v2.0 API enabling Administrative Operations.',
  '2013-07-11T17:14:00-00:00',
);
const kscrud = extension(
  'OS-KSCRUD',
  'OpenStack Keystone User CRUD',
  'OpenStack extensions to Identity v2.0 API enabling User Operations.',
  '2013-07-07T12:00:0-00:00',
);
const ec2 = extension('OS-EC2', 'OpenStack EC2 API', 'OpenStack EC2 Credentials backend.', '2013-07-07T12:00:0-00:00');

const simpleCert = extension(
  'OS-SIMPLE-CERT',
  'OpenStack Simple Certificate API',
  'OpenStack simple certificate retrieval extension',
  '2014-01-20T12:00:0-00:00',
);
const s3 = extension('s3tokens', 'OpenStack S3 API', 'OpenStack S3 API.', '2013-07-07T12:00:0-00:00');

/** What each port offers beyond the core of v2.0. */
export const publicExtensions = [kscrud, ec2, simpleCert];
export const adminExtensions = [ksadm, kscrud, ec2, s3, simpleCert];

export const extensionRoutes = (extensions: typeof adminExtensions): AnyRoute<Identity>[] => [
  route({
    id: 'v2.extensions.list',
    summary: 'List extensions',
    method: 'GET',
    path: '/extensions',
    policy: null,
    status: 200,
    response: Type.Object({ extensions: Type.Object({ values: Type.Array(Type.Unknown()) }) }),
    handle: () => ({ extensions: { values: extensions } }),
  }),
  route({
    id: 'v2.extensions.show',
    summary: 'Show an extension',
    method: 'GET',
    path: '/extensions/:alias',
    policy: null,
    status: 200,
    params: Type.Object({ alias: Type.String() }),
    response: Type.Object({ extension: Type.Unknown() }),
    handle: (_identity, { params }) => {
      const found = extensions.find(({ alias }) => alias === params.alias);
      if (!found) throw notFound(`Could not find extension: ${params.alias}.`);
      return { extension: found };
    },
  }),
];
