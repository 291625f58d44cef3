import type { Volume, VolumeClient, VolumeSnapshot } from '#clients/volume.ts';
import { ApiError, unauthorized } from '#common/api/errors.ts';
import type { HttpApp } from '#common/api/app.ts';
import { systemClock } from '#common/clock.ts';
import { randomIds } from '#common/ids.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { contextOf, type NovaFixture } from '../../testing/fixture.ts';
import { createEc2App } from '../app.ts';
import { computeCaller } from '../compute-caller.ts';

/** Volumes in memory, as far as the EC2 API looks at them. */
export class FakeVolumes {
  readonly volumes = new Map<string, Volume>();
  readonly snapshots = new Map<string, VolumeSnapshot>();
  #next = 0;

  #id(): string {
    return `${(++this.#next).toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
  }

  client(): VolumeClient {
    const find = <T>(rows: Map<string, T>, id: string): T => {
      const row = rows.get(id);
      if (!row) throw new ApiError(404, `${id} could not be found.`);
      return row;
    };
    const client: Pick<VolumeClient, 'show' | 'list' | 'create' | 'delete' | 'snapshots'> = {
      show: async (id) => find(this.volumes, id),
      list: async () => [...this.volumes.values()],
      create: async ({ size, snapshot_id, availability_zone }) => {
        const volume: Volume = {
          id: this.#id(),
          name: null,
          description: null,
          status: 'available',
          size,
          availability_zone: availability_zone ?? 'nova',
          bootable: 'false',
          multiattach: false,
          encrypted: false,
          volume_type: null,
          snapshot_id: snapshot_id ?? null,
          source_volid: null,
          created_at: '2014-09-12T08:00:00.000000',
          metadata: {},
          attachments: [],
        };
        this.volumes.set(volume.id, volume);
        return volume;
      },
      delete: async (id) => {
        if (find(this.volumes, id).status === 'in-use') throw new ApiError(400, 'Invalid volume: it is in use.');
        this.volumes.delete(id);
      },
      snapshots: {
        show: async (id) => find(this.snapshots, id),
        list: async () => [...this.snapshots.values()],
        create: async ({ volume_id, description }) => {
          const { size } = find(this.volumes, volume_id);
          const snapshot: VolumeSnapshot = {
            id: this.#id(),
            name: null,
            description: description ?? null,
            status: 'available',
            size,
            volume_id,
            created_at: '2014-09-12T08:00:00.000000',
          };
          this.snapshots.set(snapshot.id, snapshot);
          return snapshot;
        },
        delete: async (id) => {
          find(this.snapshots, id);
          this.snapshots.delete(id);
        },
      },
    };
    // What is not here is not asked for by the EC2 API.
    return client as VolumeClient;
  }
}

/** The EC2 API over a simulated Nova; the access key is a token of the fixture: `demo`, `demo/admin`. */
export function ec2Over(nova: NovaFixture, volumes = new FakeVolumes()): HttpApp {
  const { services } = nova;
  return createEc2App(
    {
      log: silentLogger,
      deps: async () => ({
        db: nova.db,
        conf: nova.conf,
        clock: systemClock,
        ids: randomIds,
        servers: services.servers,
        flavors: services.flavors,
        keypairs: services.keypairs,
        directory: services.hosts.directory,
        refresher: services.events.refresher,
        imageAs: services.proxies.imageAs,
        networkAs: services.proxies.networkAs,
        volumeAs: () => volumes.client(),
        computeAs: computeCaller(nova.app),
      }),
      authenticate: async () => async (request) => {
        const token = request.params['AWSAccessKeyId'];
        if (token === undefined) throw unauthorized('Access key not provided');
        return contextOf(token, request.requestId);
      },
    },
    { log: silentLogger },
  );
}

export interface Ec2Answer {
  readonly status: number;
  readonly xml: string;
  /** Texts of all elements of a name, in order. */
  all(element: string): string[];
  /** The first of them. */
  one(element: string): string | undefined;
}

export async function ask(
  app: HttpApp,
  action: string,
  params: Readonly<Record<string, string | number>> = {},
  options: { readonly key?: string; readonly method?: 'GET' | 'POST' } = {},
): Promise<Ec2Answer> {
  const { key = 'demo', method = 'POST' } = options;
  const form = new URLSearchParams({
    Action: action,
    Version: '2013-10-15',
    AWSAccessKeyId: key,
    ...Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)])),
  }).toString();
  const answer = await app.fastify.inject({
    method,
    url: method === 'GET' ? `/services/Cloud/?${form}` : '/services/Cloud/',
    headers: { host: 'cloud:8773', ...(method === 'POST' && { 'content-type': 'application/x-www-form-urlencoded' }) },
    ...(method === 'POST' && { payload: form }),
  });
  const xml = answer.body;
  const all = (element: string): string[] =>
    [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map((match) => match[1] as string);
  return { status: answer.statusCode, xml, all, one: (element) => all(element)[0] };
}
