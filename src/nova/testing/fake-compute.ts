import type { RpcHandlers } from '#common/bus/bus.ts';
import type { computeRpc, SpawnRequest } from '../rpc.ts';
import type { HostResources, PowerState } from '../virt/driver.ts';

/** The guests of one simulated host. */
export class FakeCompute {
  readonly host: string;
  readonly guests = new Map<string, { power: PowerState; request: SpawnRequest; ports: Set<string> }>();
  readonly calls: string[] = [];
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
        this.guests.set(request.guest.id, { power: 'running', request, ports });
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
      consoleLog: () => ({ base64: Buffer.from('FAKE CONSOLE OUTPUT\nANOTHER\nLAST LINE\n').toString('base64') }),
      vncConsole: () => ({ host: '127.0.0.1', port: 5900 }),
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
      attachVolume: () => ({}),
      detachVolume: () => ({}),
    };
  }
}
