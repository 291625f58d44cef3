import { ApiError } from '#common/api/errors.ts';
import type { Attachment, ConnectionInfo, Volume, VolumeClient, VolumeSnapshot } from '#clients/volume.ts';

interface Tie extends Attachment {
  readonly connectedTo: string | null;
}

const gone = (what: string, id: string): ApiError => new ApiError(404, `${what} ${id} could not be found.`);

/** Cinder in memory: volumes are made at once, and belong to one server at a time. */
export class FakeVolumes {
  readonly volumes = new Map<string, Volume>();
  readonly snapshots = new Map<string, VolumeSnapshot>();
  readonly ties = new Map<string, Tie>();
  /** Every call fails with this while it is set. */
  away: ApiError | null = null;
  /** Called before every change; a test stops the world here. */
  beforeChange: () => Promise<void> | void = () => undefined;
  /** What volumes become that are made from now on. */
  statusOfNew = 'available';
  #next = 0;

  id(kind: 'volume' | 'snapshot' | 'tie'): string {
    const first = { volume: '32dec761', snapshot: '5a5a5a5a', tie: 'a77ac4ed' }[kind];
    return `${first}-6096-481c-8bb6-${(++this.#next).toString(16).padStart(12, '0')}`;
  }

  add(over: Partial<Volume> & { readonly tenant?: string } = {}): Volume {
    const { tenant = 'demo', ...rest } = over;
    const volume: Volume = {
      id: this.id('volume'),
      name: 'demoVolume',
      description: null,
      status: 'available',
      size: 1,
      availability_zone: 'nova',
      bootable: 'false',
      multiattach: false,
      encrypted: false,
      volume_type: null,
      snapshot_id: null,
      source_volid: null,
      created_at: new Date().toISOString().slice(0, 26).replace('Z', ''),
      metadata: {},
      attachments: [],
      'os-vol-tenant-attr:tenant_id': tenant,
      ...rest,
    };
    this.volumes.set(volume.id, volume);
    return volume;
  }

  status(id: string): string | undefined {
    return this.volumes.get(id)?.status;
  }

  /** @param tenant whose token; null is an administrator's */
  client(tenant: string | null): VolumeClient {
    const enter = async (changes: boolean): Promise<void> => {
      if (changes) await this.beforeChange();
      if (this.away) throw this.away;
    };
    const visible = (volume: Volume): boolean => tenant === null || volume['os-vol-tenant-attr:tenant_id'] === tenant;
    const find = (id: string): Volume => {
      const volume = this.volumes.get(id);
      if (!volume || !visible(volume)) throw gone('Volume', id);
      return volume;
    };
    const set = (id: string, change: Partial<Volume>): void => {
      const volume = this.volumes.get(id);
      if (volume) this.volumes.set(id, { ...volume, ...change });
    };
    /** As the ties say. */
    const settle = (id: string): void => {
      const ties = [...this.ties.values()].filter((tie) => tie.volume_id === id);
      const status = ties.some((tie) => tie.status === 'attached')
        ? 'in-use'
        : ties.some((tie) => tie.status === 'attaching')
          ? 'attaching'
          : ties.length > 0
            ? 'reserved'
            : 'available';
      set(id, { status });
    };
    const tieOf = (id: string): Tie => {
      const tie = this.ties.get(id);
      if (!tie) throw gone('Attachment', id);
      return tie;
    };
    return {
      show: async (id) => {
        await enter(false);
        return find(id);
      },
      list: async (query = {}) => {
        await enter(false);
        const project = query['project_id'];
        return [...this.volumes.values()].filter(
          (one) => visible(one) && (project === undefined || one['os-vol-tenant-attr:tenant_id'] === project),
        );
      },
      create: async (wanted) => {
        await enter(true);
        const { project_id: project = tenant ?? 'service', user_id: _, imageRef, ...rest } = wanted;
        return this.add({
          ...rest,
          tenant: project,
          status: this.statusOfNew,
          ...(imageRef !== undefined && { bootable: 'true', volume_image_metadata: { image_id: imageRef } }),
        });
      },
      delete: async (id) => {
        await enter(true);
        const { status } = find(id);
        if (!['available', 'error'].includes(status))
          throw new ApiError(400, `Invalid volume: Volume status must be available or error, not ${status}.`);
        this.volumes.delete(id);
      },
      types: async () => {
        await enter(false);
        return [{ id: '6d0b5a4e-0000-4000-8000-000000000001', name: 'fast' }];
      },
      limits: async () => {
        await enter(false);
        const mine = [...this.volumes.values()].filter(visible);
        return {
          maxTotalVolumes: 10,
          totalVolumesUsed: mine.length,
          maxTotalVolumeGigabytes: 100,
          totalGigabytesUsed: mine.reduce((sum, one) => sum + one.size, 0),
        };
      },
      action: async (id, action) => {
        await enter(true);
        const { status } = find(id);
        if (action === 'os-begin_detaching') {
          if (status !== 'in-use')
            throw new ApiError(
              400,
              "Invalid volume: Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach.",
            );
          set(id, { status: 'detaching' });
        } else if (action === 'os-roll_detaching' && status === 'detaching') set(id, { status: 'in-use' });
        return undefined as never;
      },
      snapshots: {
        show: async (id) => {
          await enter(false);
          const snapshot = this.snapshots.get(id);
          if (!snapshot) throw gone('Snapshot', id);
          return snapshot;
        },
        list: async (query = {}) => {
          await enter(false);
          const wanted = query['volume_id'];
          return [...this.snapshots.values()].filter((one) => wanted === undefined || one.volume_id === wanted);
        },
        create: async ({ volume_id, name = null as string | null, description = null as string | null, ...rest }) => {
          await enter(true);
          const { size } = find(volume_id);
          const snapshot: VolumeSnapshot = {
            id: this.id('snapshot'),
            name,
            description,
            volume_id,
            size,
            status: 'available',
            created_at: '2014-10-19T06:50:29.000000',
            metadata: rest.metadata ?? {},
          };
          this.snapshots.set(snapshot.id, snapshot);
          return snapshot;
        },
        delete: async (id) => {
          await enter(true);
          if (!this.snapshots.delete(id)) throw gone('Snapshot', id);
        },
      },
      attachments: {
        create: async ({ volumeId, serverId }) => {
          await enter(true);
          const volume = find(volumeId);
          const others = [...this.ties.values()].filter((tie) => tie.volume_id === volumeId);
          const own = others.length > 0 && others.every((tie) => tie.instance === serverId);
          if (volume.status !== 'available' && !volume.multiattach && !own)
            throw new ApiError(
              400,
              `Invalid volume: Volume ${volumeId} status must be available or downloading to reserve, but the current status is ${volume.status}.`,
            );
          const tie: Tie = {
            id: this.id('tie'),
            status: 'reserved',
            volume_id: volumeId,
            instance: serverId,
            connectedTo: null,
          };
          this.ties.set(tie.id, tie);
          settle(volumeId);
          return tie;
        },
        list: async ({ volume_id: volume, instance_id: server }) => {
          await enter(false);
          return [...this.ties.values()].filter(
            (tie) =>
              (volume === undefined || tie.volume_id === volume) && (server === undefined || tie.instance === server),
          );
        },
        show: async (id) => {
          await enter(false);
          return tieOf(id);
        },
        connect: async (id, { host }) => {
          await enter(true);
          const tie = tieOf(id);
          const connection_info: ConnectionInfo = {
            driver_volume_type: 'iscsi',
            data: {
              target_portal: '127.0.0.1:3260',
              target_iqn: `iqn.2010-10.org.openstack:volume-${tie.volume_id}`,
              target_lun: 1,
              volume_id: tie.volume_id,
              target_discovered: false,
              auth_method: 'CHAP',
              auth_username: 'chapuser',
              auth_password: 'chap-very-secret',
              access_mode: 'rw',
              encrypted: false,
              qos_specs: null,
            },
          };
          const status = tie.status === 'attached' ? 'attached' : 'attaching';
          this.ties.set(id, { ...tie, status, connectedTo: host });
          settle(tie.volume_id);
          return { ...tie, status, connection_info };
        },
        complete: async (id) => {
          await enter(true);
          const tie = tieOf(id);
          this.ties.set(id, { ...tie, status: 'attached' });
          settle(tie.volume_id);
        },
        delete: async (id) => {
          await enter(true);
          const tie = this.ties.get(id);
          this.ties.delete(id);
          if (tie) settle(tie.volume_id);
        },
      },
    };
  }
}
