import type { RpcHandlers } from '#common/bus/bus.ts';
import type { computeRpc, SpawnRequest, VolumeDisk } from '../rpc.ts';
import type { HostResources, PowerState } from '../virt/driver.ts';

/** A guest as a simulated host has it. */
export interface FakeGuest {
  power: PowerState;
  request: SpawnRequest;
  ports: Set<string>;
  volumes: Map<string, VolumeDisk>;
  /** What is on its root disk: a copy of a disk has the same. */
  disk: string;
  suspended?: boolean;
  /** The image that it was started from instead of its own disk. */
  rescuedFrom?: string;
}

/** The guests of one simulated host. */
export class FakeCompute {
  readonly host: string;
  readonly guests = new Map<string, FakeGuest>();
  /** What is set aside, by server. */
  readonly asides = new Map<string, { readonly tag: string; readonly guest: FakeGuest }>();
  /** Copies of disks that are not uploaded yet, by image. */
  readonly copies = new Map<string, string>();
  /** Glance, as far as a host fills images. */
  upload: (imageId: string, content: string) => Promise<void> | void = () => undefined;
  readonly calls: string[] = [];
  /** Where every serial console is. */
  serialPort = 10_000;
  /** Called before anything changes; a test fails or stops the world here. */
  before: (method: string, id: string) => Promise<void> | void = () => undefined;

  constructor(host: string) {
    this.host = host;
  }

  static resources(over: Partial<HostResources> = {}): HostResources {
    return {
      hypervisorType: 'fake',
      hypervisorVersion: 1000,
      hypervisorHostname: 'node',
      vcpus: 100,
      memoryMb: 800_000,
      diskGb: 60_000,
      freeDiskGb: 60_000,
      cpuInfo: { arch: 'x86_64' },
      supportedInstances: [['x86_64', 'fake', 'hvm']],
      ...over,
    };
  }

  /** The volumes of a guest, as they were last connected. */
  volumes(id: string): Map<string, VolumeDisk> {
    return this.guests.get(id)?.volumes ?? new Map<string, VolumeDisk>();
  }

  #disks = 0;

  #volumeHandlers(enter: (method: string, id: string) => Promise<void>) {
    const { host } = this;
    const volumes = async (method: string, id: string): Promise<Map<string, VolumeDisk>> => {
      await enter(method, id);
      return this.volumes(id);
    };
    return {
      volumeConnector: () => ({
        connector: {
          initiator: `iqn.2008-11.org.linux-kvm:${host}`,
          ip: '127.0.0.1',
          host,
          multipath: false,
          platform: 'x86_64',
          os_type: 'linux',
        },
      }),
      attachVolume: async ({ id, disk }: { id: string; disk: VolumeDisk }) => {
        (await volumes('attachVolume', id)).set(disk.volumeId, disk);
        return {};
      },
      keepVolumes: async ({ id, disks }: { id: string; disks: readonly VolumeDisk[] }) => {
        // What changes nothing needs no mention.
        const same = disks.length === 0 && this.volumes(id).size === 0;
        const mine = same ? this.volumes(id) : await volumes('keepVolumes', id);
        mine.clear();
        for (const disk of disks) mine.set(disk.volumeId, disk);
        return {};
      },
      detachVolume: async ({ id, volumeId }: { id: string; volumeId: string }) => {
        (await volumes('detachVolume', id)).delete(volumeId);
        return {};
      },
      growVolume: async ({ id }: { id: string; volumeId: string; bytes: number }) => {
        await enter('growVolume', id);
        return {};
      },
      swapVolume: async ({ id, volumeId, disk }: { id: string; volumeId: string; disk: VolumeDisk }) => {
        const mine = await volumes('swapVolume', id);
        if (mine.delete(volumeId)) mine.set(disk.volumeId, disk);
        return {};
      },
    };
  }

  #lifeHandlers(
    enter: (method: string, id: string) => Promise<void>,
    set: (method: string, id: string, power: PowerState) => Promise<Record<string, never>>,
  ) {
    const guestOf = (id: string): FakeGuest => {
      const guest = this.guests.get(id);
      if (!guest) throw new Error(`Instance ${id} is not here`);
      return guest;
    };
    const copy = (id: string, imageId: string): string => {
      const content = this.copies.get(imageId) ?? guestOf(id).disk;
      this.copies.set(imageId, content);
      return content;
    };
    type Handlers = RpcHandlers<(typeof computeRpc)['methods']>;
    const handlers = {
      setAside: async ({ id, tag }) => {
        await enter('setAside', id);
        if (this.asides.get(id)?.tag === tag) return {};
        this.asides.set(id, { tag, guest: { ...guestOf(id), power: 'shutdown' } });
        this.guests.delete(id);
        return {};
      },
      restoreAside: async ({ id, tag, start }) => {
        await enter('restoreAside', id);
        const aside = this.asides.get(id);
        if (aside?.tag === tag) {
          if (this.guests.has(id)) throw new Error(`Instance ${id} is in the way`);
          this.guests.set(id, aside.guest);
          this.asides.delete(id);
        }
        if (start) guestOf(id).power = 'running';
        else guestOf(id);
        return {};
      },
      discardAside: async ({ id, tag }) => {
        await enter('discardAside', id);
        if (this.asides.get(id)?.tag === tag) this.asides.delete(id);
        return {};
      },
      wipe: async ({ id }) => {
        await enter('wipe', id);
        const guest = this.guests.get(id);
        if (guest) Object.assign(guest, { power: 'shutdown', disk: '' });
        return {};
      },
      suspend: async ({ id }) => {
        await set('suspend', id, 'shutdown');
        guestOf(id).suspended = true;
        return {};
      },
      resume: async ({ id }) => {
        await set('resume', id, 'running');
        guestOf(id).suspended = false;
        return {};
      },
      rescue: async ({ id, rescue }) => {
        await set('rescue', id, 'running');
        guestOf(id).rescuedFrom = rescue.imageId;
        return {};
      },
      unrescue: async ({ id }) => {
        await set('unrescue', id, 'running');
        delete guestOf(id).rescuedFrom;
        return {};
      },
      snapshot: async ({ id, imageId }) => {
        await enter('snapshot', id);
        copy(id, imageId);
        return {};
      },
      uploadSnapshot: async ({ id, imageId }) => {
        await enter('uploadSnapshot', id);
        await this.upload(imageId, copy(id, imageId));
        this.copies.delete(imageId);
        return {};
      },
      discardSnapshot: async ({ imageId }) => {
        await enter('discardSnapshot', imageId);
        this.copies.delete(imageId);
        return {};
      },
      setPassword: async ({ id }) => {
        await enter('setPassword', id);
        return {};
      },
      injectNmi: async ({ id }) => {
        await enter('injectNmi', id);
        return {};
      },
      diagnostics: ({ id }) => {
        const { power, request } = guestOf(id);
        if (power === 'shutdown') throw new Error(`Instance ${id} is not running on ${this.host}.`);
        const nothing = { octets: 0, packets: 0, errors: 0, drops: 0 };
        return {
          power,
          hypervisor: 'fake',
          uptimeSeconds: 17,
          configDrive: false,
          cpus: [{ id: 0, nanoseconds: 17_300_000_000 }],
          disks: request.guest.disks.map(({ device }) => ({
            device,
            readBytes: 262_144,
            readRequests: 112,
            writeBytes: 5_778_432,
            writeRequests: 488,
            errors: 1,
          })),
          nics: request.guest.interfaces.map(({ mac }) => ({
            device: 'tap1',
            mac,
            rx: nothing,
            tx: { ...nothing, octets: 42 },
          })),
          memory: { maximumMb: request.guest.memoryMb, usedMb: null, guestUsedMb: 200 },
        };
      },
    } satisfies Partial<Handlers>;
    return handlers;
  }

  handlers(): RpcHandlers<(typeof computeRpc)['methods']> {
    const enter = async (method: string, id: string): Promise<void> => {
      await this.before(method, id);
      this.calls.push(`${method} ${id}`);
    };
    const set = async (method: string, id: string, power: PowerState): Promise<Record<string, never>> => {
      await enter(method, id);
      const guest = this.guests.get(id);
      if (!guest) throw new Error(`Instance ${id} is not here`);
      guest.power = power;
      return {};
    };
    return {
      spawn: async ({ request }) => {
        await enter('spawn', request.guest.id);
        const ports = new Set(request.guest.interfaces.map((nic) => nic.portId));
        const volumes = new Map(
          request.guest.disks.flatMap((disk) => (disk.kind === 'volume' ? [[disk.volumeId, disk] as const] : [])),
        );
        const { id } = request.guest;
        const before = this.guests.get(id);
        const aside = this.asides.get(id);
        if (request.fromAside !== undefined && aside?.tag !== request.fromAside)
          throw new Error(`The disks of instance ${id} are not on host ${this.host}`);
        const disk =
          before?.disk ||
          (request.fromAside === undefined ? `disk ${this.#disks++} of ${this.host}` : aside!.guest.disk);
        const power = request.start === false ? 'shutdown' : 'running';
        this.guests.set(id, { power, request, ports, volumes, disk });
        return { launchedAt: new Date().toISOString() };
      },
      destroy: async ({ id }) => {
        await enter('destroy', id);
        this.guests.delete(id);
        return {};
      },
      powerOff: ({ id }) => set('powerOff', id, 'shutdown'),
      powerOn: ({ id }) => set('powerOn', id, 'running'),
      reboot: ({ id }) => set('reboot', id, 'running'),
      pause: ({ id }) => set('pause', id, 'paused'),
      unpause: ({ id }) => set('unpause', id, 'running'),
      state: ({ id }) => ({ power: this.guests.get(id)?.power ?? null }),
      hostUptime: () => ({ uptime: ' 08:00:00 up 1 day,  1:00,  1 user,  load average: 0.00, 0.01, 0.05' }),
      cacheImages: async ({ imageIds }) => {
        for (const id of imageIds) await enter('cacheImage', id);
        return undefined;
      },
      consoleLog: () => ({ base64: Buffer.from('FAKE CONSOLE OUTPUT\nANOTHER\nLAST LINE\n').toString('base64') }),
      vncConsole: () => ({ host: '127.0.0.1', port: 5900 }),
      serialConsole: async ({ id }) => {
        await enter('serialConsole', id);
        return { host: '127.0.0.1', port: this.serialPort };
      },
      attachInterface: async ({ id, nic }) => {
        await enter('attachInterface', id);
        this.guests.get(id)?.ports.add(nic.portId);
        return {};
      },
      detachInterface: async ({ id, portId }) => {
        await enter('detachInterface', id);
        this.guests.get(id)?.ports.delete(portId);
        return {};
      },
      ...this.#volumeHandlers(enter),
      ...this.#lifeHandlers(enter, set),
    };
  }
}
