import { Type } from '@sinclair/typebox';
import { ApiError, notFound } from '#common/api/errors.ts';
import { routesFor, type Call } from '#common/api/route.ts';
import type { Volume, VolumeSnapshot } from '#clients/volume.ts';
import { AnyQuery, Flag, flagValue, IdParams, nullable, strict } from '../api/schemas.ts';
import { limitOf, type ListQuery } from '../servers/filters.ts';
import { proxied, type ProxyDeps } from './deps.ts';

const route = routesFor<ProxyDeps>();
const Text = nullable(Type.String({ maxLength: 255 }));
const Size = Type.Union([Type.Integer({ minimum: 1 }), Type.String({ pattern: '^[0-9]+$', minLength: 1 })]);

/** A volume as Icehouse's Nova shows it. */
const volumeView = (volume: Volume) => {
  const [attachment] = volume.attachments;
  return {
    id: volume.id,
    status: volume.status,
    size: volume.size,
    availabilityZone: volume.availability_zone,
    createdAt: volume.created_at,
    attachments: [
      attachment
        ? {
            id: volume.id,
            volumeId: volume.id,
            serverId: attachment.server_id,
            ...(attachment.device !== null && { device: attachment.device }),
          }
        : {},
    ],
    displayName: volume.name,
    displayDescription: volume.description,
    volumeType: volume.volume_type,
    snapshotId: volume.snapshot_id,
    metadata: volume.metadata,
  };
};

const snapshotView = (snapshot: VolumeSnapshot) => ({
  id: snapshot.id,
  volumeId: snapshot.volume_id,
  status: snapshot.status,
  size: snapshot.size,
  createdAt: snapshot.created_at,
  displayName: snapshot.name,
  displayDescription: snapshot.description,
});

/** @throws ApiError 404 in Nova's words */
async function found<T>(work: Promise<T>, what: string, id: string): Promise<T> {
  return work.catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) throw notFound(`${what} ${id} could not be found.`);
    throw error;
  });
}

/** The page that `limit` and `offset` ask for. */
function page<T>(deps: ProxyDeps, query: ListQuery, list: readonly T[]): readonly T[] {
  const offset = Number(query['offset'] ?? 0) || 0;
  return list.slice(offset, offset + limitOf(query['limit'], deps.maxLimit));
}

type ListCall = Call<unknown, ListQuery, unknown>;
const lists = <T>(spec: {
  readonly id: string;
  readonly path: string;
  readonly rule: string;
  readonly key: string;
  readonly what: string;
  readonly list: (deps: ProxyDeps, call: ListCall) => Promise<readonly T[]>;
  readonly view: (one: T) => unknown;
}) =>
  [false, true].map((detail) =>
    route({
      id: `${spec.id}.${detail ? 'detail' : 'list'}`,
      summary: `List ${spec.what}${detail ? ' in full' : ''} (Cinder)`,
      method: 'GET',
      path: `${spec.path}${detail ? '/detail' : ''}`,
      versions: proxied,
      policy: `os_compute_api:${spec.rule}:${detail ? 'detail' : 'list'}`,
      status: 200,
      query: AnyQuery,
      handle: async (deps, call) => {
        const given = call as unknown as ListCall;
        const all = await spec.list(deps, given);
        return { [spec.key]: page(deps, given.query, all).map(spec.view) };
      },
    }),
  );

/** Volumes and snapshots for clients of Icehouse's days, which ask Nova for them. */
export const volumeProxyRoutes = [
  ...lists<Volume>({
    id: 'volumes',
    path: '/os-volumes',
    rule: 'os-volumes',
    key: 'volumes',
    what: 'volumes',
    list: (deps, { ctx }) => deps.volumeAs(ctx).list(),
    view: volumeView,
  }),
  route({
    id: 'volumes.create',
    summary: 'Make a volume (Cinder)',
    method: 'POST',
    path: '/os-volumes',
    versions: proxied,
    policy: 'os_compute_api:os-volumes:create',
    status: 200,
    body: strict({
      volume: Type.Object({
        size: Size,
        display_name: Type.Optional(Text),
        display_description: Type.Optional(Text),
        volume_type: Type.Optional(Text),
        snapshot_id: Type.Optional(Text),
        availability_zone: Type.Optional(Text),
        metadata: Type.Optional(nullable(Type.Record(Type.String(), Type.String()))),
      }),
    }),
    handle: async (deps, { ctx, body, host, prefix, reply }) => {
      const { volume: asked } = body;
      const text = (name: string, value: string | null | undefined) => (value ? { [name]: value } : {});
      const volume = await deps.volumeAs(ctx).create({
        size: Number(asked.size),
        ...text('name', asked.display_name),
        ...text('description', asked.display_description),
        ...text('volume_type', asked.volume_type),
        ...text('snapshot_id', asked.snapshot_id),
        ...text('availability_zone', asked.availability_zone),
        ...(asked.metadata && { metadata: asked.metadata }),
      });
      reply.header('location', `${host}${prefix}/os-volumes/${volume.id}`);
      return { volume: volumeView(volume) };
    },
  }),
  route({
    id: 'volumes.show',
    summary: 'Show a volume (Cinder)',
    method: 'GET',
    path: '/os-volumes/:id',
    versions: proxied,
    policy: 'os_compute_api:os-volumes:show',
    status: 200,
    params: IdParams,
    handle: async (deps, { ctx, params: { id } }) => ({
      volume: volumeView(await found(deps.volumeAs(ctx).show(id), 'Volume', id)),
    }),
  }),
  route({
    id: 'volumes.delete',
    summary: 'Delete a volume (Cinder)',
    method: 'DELETE',
    path: '/os-volumes/:id',
    versions: proxied,
    policy: 'os_compute_api:os-volumes:delete',
    status: 202,
    params: IdParams,
    handle: async (deps, { ctx, params: { id } }) => {
      await found(deps.volumeAs(ctx).delete(id), 'Volume', id);
      return undefined;
    },
  }),
  ...lists<VolumeSnapshot>({
    id: 'snapshots',
    path: '/os-snapshots',
    rule: 'os-volumes:snapshots',
    key: 'snapshots',
    what: 'snapshots of volumes',
    list: (deps, { ctx }) => deps.volumeAs(ctx).snapshots.list(),
    view: snapshotView,
  }),
  route({
    id: 'snapshots.create',
    summary: 'Make a snapshot of a volume (Cinder)',
    method: 'POST',
    path: '/os-snapshots',
    versions: proxied,
    policy: 'os_compute_api:os-volumes:snapshots:create',
    status: 200,
    body: strict({
      snapshot: Type.Object({
        volume_id: Type.String(),
        display_name: Type.Optional(Text),
        display_description: Type.Optional(Text),
        force: Type.Optional(Flag),
      }),
    }),
    handle: async (deps, { ctx, body }) => {
      const { volume_id, display_name: name, display_description: description, force } = body.snapshot;
      const snapshot = await found(
        deps.volumeAs(ctx).snapshots.create({
          volume_id,
          ...(name && { name }),
          ...(description && { description }),
          ...(force !== undefined && { force: flagValue(force) }),
        }),
        'Volume',
        volume_id,
      );
      return { snapshot: snapshotView(snapshot) };
    },
  }),
  route({
    id: 'snapshots.show',
    summary: 'Show a snapshot of a volume (Cinder)',
    method: 'GET',
    path: '/os-snapshots/:id',
    versions: proxied,
    policy: 'os_compute_api:os-volumes:snapshots:show',
    status: 200,
    params: IdParams,
    handle: async (deps, { ctx, params: { id } }) => ({
      snapshot: snapshotView(await found(deps.volumeAs(ctx).snapshots.show(id), 'Snapshot', id)),
    }),
  }),
  route({
    id: 'snapshots.delete',
    summary: 'Delete a snapshot of a volume (Cinder)',
    method: 'DELETE',
    path: '/os-snapshots/:id',
    versions: proxied,
    policy: 'os_compute_api:os-volumes:snapshots:delete',
    status: 202,
    params: IdParams,
    handle: async (deps, { ctx, params: { id } }) => {
      await found(deps.volumeAs(ctx).snapshots.delete(id), 'Snapshot', id);
      return undefined;
    },
  }),
];
