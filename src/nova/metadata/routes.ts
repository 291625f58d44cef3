import { createHmac, timingSafeEqual } from 'node:crypto';
import { Readable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { badRequest, conflict, forbidden, notFound } from '#common/api/errors.ts';
import type { FaultStyle } from '#common/api/faults.ts';
import { routesFor, type Call } from '#common/api/route.ts';
import type { Database } from '#common/db/database.ts';
import type { NovaConfig } from '../config.ts';
import type { HostDirectory } from '../hosts/directory.ts';
import { findKeypair } from '../keypairs/rows.ts';
import { findServer, updateServer } from '../servers/rows.ts';
import type { NovaTables } from '../tables.ts';
import { devicesOf } from '../volumes/rows.ts';
import {
  contentPath,
  ec2Tree,
  metaDataJson,
  networkDataJson,
  openstackVersions,
  userDataOf,
  type MetadataSource,
  type Tree,
} from './documents.ts';

export interface MetadataDeps {
  readonly db: Database<NovaTables>;
  readonly conf: NovaConfig;
  readonly directory: HostDirectory;
}

const ec2Versions = [
  ...['1.0', '2007-01-19', '2007-03-01', '2007-08-29', '2007-10-10', '2007-12-15', '2008-02-01', '2008-09-01'],
  ...['2009-04-04', 'latest'],
];

/** Plain text, as Amazon's metadata service answers. */
export const metadataFaults: FaultStyle = {
  render: (error) => ({ contentType: 'text/plain; charset=UTF-8', body: `${error.status} ${error.message}\n` }),
  noRoute: () => notFound('Not Found'),
  forbidden: () => forbidden('Forbidden'),
  invalid: (where, _value, reason) => badRequest(`${where}: ${reason}`),
};

/** A guest asks Neutron's metadata agent, which says, signed, which server it is. @throws ApiError 400, 403, 404 */
async function whoAsks({ db, conf }: MetadataDeps, call: Call<unknown, unknown, unknown>): Promise<string> {
  const { headers } = call;
  if (!conf.DEFAULT.service_neutron_metadata_proxy)
    throw notFound('Metadata is served through the Neutron metadata agent only: set service_neutron_metadata_proxy.');
  const [id, tenant, signature] = [
    headers['x-instance-id'],
    headers['x-tenant-id'],
    headers['x-instance-id-signature'],
  ];
  if (id === undefined) throw badRequest('X-Instance-ID header is missing from request.');
  if (tenant === undefined) throw badRequest('X-Tenant-ID header is missing from request.');
  if (signature === undefined) throw forbidden('Invalid proxy request signature.');
  // An empty secret would sign for everybody.
  const secret = conf.DEFAULT.neutron_metadata_proxy_shared_secret;
  const expected = createHmac('sha256', secret).update(id).digest();
  const given = Buffer.from(signature, 'hex');
  if (secret === '' || given.length !== expected.length || !timingSafeEqual(given, expected))
    throw forbidden('Invalid proxy request signature.');
  const server = await findServer(db.query, id);
  if (!server || server.deleted || server.projectId !== tenant) throw notFound('Not Found');
  return server.id;
}

async function sourceOf(deps: MetadataDeps, id: string): Promise<MetadataSource> {
  const { db, conf, directory } = deps;
  const server = await findServer(db.query, id);
  if (!server) throw notFound('Not Found');
  const key = server.keyName === null ? null : await findKeypair(db.query, server.userId, server.keyName);
  return {
    server,
    devices: await devicesOf(db.query, server.id),
    zone: server.host === null ? (server.availabilityZone ?? '') : (await directory.zones())(server.host),
    domain: conf.DEFAULT.dhcp_domain,
    adminPassword: null,
    keyType: server.keyData === null ? null : (key?.type ?? 'ssh'),
  };
}

/** A folder's listing: one name a line, folders with a slash. */
const listing = (tree: Tree): string =>
  Object.entries(tree)
    .filter(([name]) => name !== '_name')
    .map(([name, value]) => {
      if (typeof value === 'string') return name;
      return typeof value['_name'] === 'string' ? value['_name'] : `${name}/`;
    })
    .join('\n');

function walk(tree: Tree, path: readonly string[]): string | null {
  let at: string | Tree | undefined = tree;
  for (const name of path) {
    at = typeof at === 'object' && name !== '_name' && Object.hasOwn(at, name) ? at[name] : undefined;
    if (at === undefined) return null;
  }
  return typeof at === 'string' ? at : listing(at);
}

type Found = {
  readonly body: string | Buffer;
  readonly type: 'text/plain' | 'application/json' | 'application/octet-stream';
};
const text = (body: string | null): Found | null => (body === null ? null : { body, type: 'text/plain' });

function ec2(source: MetadataSource, path: readonly string[]): Found | null {
  const userData = userDataOf(source.server);
  if (path.length === 0) return text(userData ? 'meta-data/\nuser-data' : 'meta-data/');
  if (path[0] === 'user-data')
    return userData && path.length === 1 ? { body: userData, type: 'application/octet-stream' } : null;
  return path[0] === 'meta-data' ? text(walk(ec2Tree(source), path.slice(1))) : null;
}

function openstack(source: MetadataSource, path: readonly string[]): Found | null {
  const { server } = source;
  const [version, file, extra] = path;
  if (version === undefined) return text(openstackVersions.join('\n'));
  if (version === 'content') {
    const index = server.personality.findIndex((_file, at) => contentPath(at) === `/content/${file}`);
    const found = server.personality[index];
    return found ? { body: Buffer.from(found.contents, 'base64'), type: 'application/octet-stream' } : null;
  }
  if (!(openstackVersions as readonly string[]).includes(version) || extra !== undefined) return null;
  const json = (value: unknown): Found => ({ body: JSON.stringify(value), type: 'application/json' });
  const userData = userDataOf(server);
  switch (file) {
    case undefined:
      return text(
        [
          'meta_data.json',
          ...(userData ? ['user_data'] : []),
          'password',
          'vendor_data.json',
          'network_data.json',
        ].join('\n'),
      );
    case 'meta_data.json':
      return json(metaDataJson(source));
    case 'network_data.json':
      return json(networkDataJson(server.ports));
    case 'vendor_data.json':
    case 'vendor_data2.json':
      return json({});
    case 'user_data':
      return userData && { body: userData, type: 'application/octet-stream' };
    case 'password':
      return text(server.guestPassword ?? '');
    default:
      return null;
  }
}

const route = routesFor<MetadataDeps>();

async function get(deps: MetadataDeps, call: Call<unknown, unknown, unknown>): Promise<string | Readable> {
  const path = decodeURIComponent(call.url.split('?')[0] as string)
    .split('/')
    .filter((part) => part !== '');
  call.reply.header('content-type', 'text/plain; charset=UTF-8');
  if (path.length === 0) return ec2Versions.join('\n');
  const source = await sourceOf(deps, await whoAsks(deps, call));
  const [first = '', ...rest] = path;
  const found =
    first === 'openstack' ? openstack(source, rest) : ec2Versions.includes(first) ? ec2(source, rest) : null;
  if (!found) throw notFound('Not Found');
  call.reply.header('content-type', found.type === 'text/plain' ? 'text/plain; charset=UTF-8' : found.type);
  return typeof found.body === 'string' ? found.body : Readable.from([found.body]);
}

/** A guest puts its password, encrypted for its key pair, once. */
async function setPassword(deps: MetadataDeps, call: Call<unknown, unknown, unknown>): Promise<string> {
  const id = await whoAsks(deps, call);
  const password = await readText(call.stream);
  if (Buffer.byteLength(password) > 1020) throw badRequest('The password is too long: 1020 bytes at most.');
  const server = await findServer(deps.db.query, id);
  if (server?.guestPassword) throw conflict('The password has been set already.');
  await updateServer(deps.db.query, id, { guest_password: password, updated_at: server?.updatedAt ?? '' });
  call.reply.header('content-type', 'text/plain; charset=UTF-8');
  return '';
}

/** The metadata service: everything is under one wildcard, because the tree depends on the server. */
export const metadataRoutes = [
  route({
    id: 'metadata.versions',
    summary: 'List the versions of the metadata service',
    method: 'GET',
    path: '/',
    policy: null,
    status: 200,
    handle: get,
  }),
  route({
    id: 'metadata.get',
    summary: "A server's own metadata, in Amazon's form or OpenStack's",
    method: 'GET',
    path: '/*',
    policy: null,
    status: 200,
    handle: get,
  }),
  ...openstackVersions.map((version) =>
    route({
      id: `metadata.password.${version}`,
      summary: "A guest's own password, encrypted for its key pair",
      method: 'POST',
      path: `/openstack/${version}/password`,
      policy: null,
      status: 200,
      handle: setPassword,
    }),
  ),
];
