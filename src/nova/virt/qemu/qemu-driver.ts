import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { writeFileAtomic, readIfExists } from '#common/host/files.ts';
import { findProgram } from '#common/host/privileges.ts';
import { terminate, waitForEnd, type ProcessIdentity } from '#common/host/process.ts';
import type { QmpClient } from '#common/host/qmp.ts';
import { CommandError, output } from '#common/host/run.ts';
import { accelerationFor } from '../acceleration.ts';
import { beginConsoleLog, limitConsoleLog, readConsoleLog } from '../console-log.ts';
import type { DriverDeps } from '../deps.ts';
import type {
  ComputeDriver,
  ConsoleEndpoint,
  GuestDisk,
  GuestInterface,
  GuestSpec,
  GuestState,
  HostResources,
  LifecycleEvent,
  PowerState,
} from '../driver.ts';
import type { GuestDefinition, KeptSpec } from '../guest-folders.ts';
import { GuestKit } from '../guest-kit.ts';
import { hostResources, versionNumber } from '../host-resources.ts';
import { Lifecycle } from '../lifecycle.ts';
import { volumeDevice } from './block-devices.ts';
import { CONSOLE_LOG, guestBlockDevices, MONITOR, qemuCommand, type CommandHost } from './command.ts';
import { adoptGuestProcess, guestProcess, killGuestProcesses } from './guest-process.ts';
import { plugDisk, plugInterface, unplugDisk, unplugInterface } from './hot-plug.ts';
import { Monitors } from './monitors.ts';
import { netdevId, networkDevice, nicId } from './network-devices.ts';

/** What QEMU says of a running process (`query-status`) → power state. Whatever is not here is a kind of standing still. */
const POWER: Readonly<Record<string, PowerState>> = {
  running: 'running',
  suspended: 'suspended',
  shutdown: 'shutdown',
  'guest-panicked': 'crashed',
  'internal-error': 'crashed',
};

/** How long a guest may take to release a device. */
const RELEASE_MS = 20_000;

/**
 * Guests as plain QEMU processes, driven over QMP: no daemon in between. A guest outlives us; the next driver finds it
 * by its folder, its pid file and its command line.
 */
export class QemuDriver implements ComputeDriver {
  readonly name = 'qemu';
  readonly acceleration: ComputeDriver['acceleration'];
  readonly #deps: DriverDeps;
  readonly #kit: GuestKit;
  readonly #lifecycle = new Lifecycle();
  readonly #monitors: Monitors;
  #command: CommandHost;
  #version: Promise<number> | undefined;

  constructor(deps: DriverDeps) {
    this.#deps = deps;
    this.#kit = new GuestKit(deps);
    this.acceleration = accelerationFor(deps.virtType);
    this.#command = {
      program: findProgram('qemu-system-x86_64') ?? findProgram('qemu-kvm') ?? 'qemu-system-x86_64',
      kvm: this.acceleration.kvm,
      vhost: existsSync('/dev/vhost-net'),
      sandbox: true,
      host: deps.host,
      hostUuid: deps.installation,
      usbTablet: deps.usbTablet,
      vncKeymap: deps.vncKeymap,
      configDriveFormat: deps.configDriveFormat,
    };
    this.#monitors = new Monitors({ log: deps.log, tell: (id, power) => this.#lifecycle.tell(id, power) });
  }

  /** Finds the guests of a predecessor and listens to those that run. */
  async adopt(): Promise<void> {
    await this.#kit.folders.sweep();
    for (const { spec } of await this.#kit.folders.list()) {
      const identity = this.#process(spec.id);
      // A guest whose monitor hangs must not keep us from starting.
      if (identity) this.#monitor(spec.id, identity).catch(() => undefined);
    }
  }

  async resources(): Promise<HostResources> {
    this.#version ??= output(this.#deps.run, [this.#command.program, '--version']).then(versionNumber);
    return hostResources(this.#deps.instancesPath, {
      type: 'QEMU',
      version: await this.#version,
      hostname: this.#deps.host,
      kvm: this.acceleration.kvm,
    });
  }

  async list(): Promise<readonly GuestState[]> {
    return Promise.all((await this.#kit.folders.list()).map((definition) => this.#stateOf(definition)));
  }

  async state(id: string): Promise<GuestState | null> {
    const definition = await this.#kit.folders.read(id);
    return definition && this.#stateOf(definition);
  }

  spawn(spec: GuestSpec, signal: AbortSignal): Promise<void> {
    return this.#lifecycle.during(spec.id, async () => {
      const known = await this.#kit.folders.read(spec.id);
      if (known && (await adoptGuestProcess(spec.id, this.#folder(spec.id), signal))) return;
      signal.throwIfAborted();
      await this.#start(await this.#kit.prepare(spec, true), signal);
    });
  }

  destroy(id: string): Promise<void> {
    return this.#lifecycle.during(id, async () => {
      this.#monitors.forget(id);
      await killGuestProcesses(id, this.#folder(id));
      await this.#kit.discard(id);
    });
  }

  powerOff(id: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#lifecycle.during(id, async () => {
      await this.#kit.folders.require(id);
      await this.#stop(id, timeoutMs, signal);
    });
  }

  powerOn(id: string, signal: AbortSignal): Promise<void> {
    return this.#lifecycle.during(id, async () => this.#startKept(await this.#kit.folders.require(id), signal));
  }

  reboot(id: string, kind: 'soft' | 'hard', timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#lifecycle.during(id, async () => {
      const definition = await this.#kit.folders.require(id);
      await this.#stop(id, kind === 'soft' ? timeoutMs : 0, signal);
      await this.#startKept(definition, signal);
    });
  }

  pause(id: string): Promise<void> {
    return this.#lifecycle.during(id, async () => void (await (await this.#running(id)).execute('stop')));
  }

  unpause(id: string): Promise<void> {
    return this.#lifecycle.during(id, async () => void (await (await this.#running(id)).execute('cont')));
  }

  async consoleLog(id: string, maxBytes: number): Promise<Buffer> {
    const { spec } = await this.#kit.folders.require(id);
    return readConsoleLog(this.#folder(spec.id, CONSOLE_LOG), maxBytes);
  }

  async vncEndpoint(id: string): Promise<ConsoleEndpoint> {
    const qmp = await this.#running(id);
    const vnc = await qmp.execute<{ enabled: boolean; host?: string; service?: string }>('query-vnc');
    if (!vnc.enabled || vnc.service === undefined) throw new Error(`Instance ${id} has no VNC console.`);
    return { host: vnc.host ?? '127.0.0.1', port: Number(vnc.service) };
  }

  attachInterface(id: string, nic: GuestInterface): Promise<void> {
    return this.#lifecycle.during(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const others = spec.interfaces.filter(({ portId }) => portId !== nic.portId);
      await this.#kit.folders.write({ ...spec, interfaces: [...others, nic] });
      try {
        await this.#deps.vif.plug(id, [nic], { makeTap: true });
        const identity = this.#process(id);
        if (identity) await plugInterface(await this.#monitor(id, identity), networkDevice(nic, this.#command.vhost));
      } catch (error) {
        await this.#deps.vif.unplug([nic]).catch(() => undefined);
        await this.#kit.folders.write({ ...spec, interfaces: others });
        throw error;
      }
    });
  }

  detachInterface(id: string, portId: string, signal: AbortSignal): Promise<void> {
    return this.#lifecycle.during(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const nic = spec.interfaces.find((one) => one.portId === portId);
      if (!nic) return;
      const identity = this.#process(id);
      if (identity)
        await unplugInterface(await this.#monitor(id, identity), nicId(portId), netdevId(portId), RELEASE_MS, signal);
      await this.#deps.vif.unplug([nic]);
      await this.#kit.folders.write({ ...spec, interfaces: spec.interfaces.filter((one) => one !== nic) });
    });
  }

  attachDisk(id: string, disk: GuestDisk & { kind: 'volume' }): Promise<void> {
    return this.#lifecycle.during(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const others = spec.disks.filter((one) => one.kind !== 'volume' || one.volumeId !== disk.volumeId);
      const kept = (await this.#kit.folders.write({ ...spec, disks: [...others, disk] })).spec;
      await this.#writeSecrets(kept);
      const identity = this.#process(id);
      if (!identity) return;
      try {
        await plugDisk(await this.#monitor(id, identity), volumeDevice(disk, this.#folder(id), this.#deps.host));
      } catch (error) {
        await this.#kit.folders.write({ ...spec, disks: others });
        throw error;
      }
    });
  }

  detachDisk(id: string, volumeId: string, signal: AbortSignal): Promise<void> {
    return this.#lifecycle.during(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const disk = spec.disks.find((one) => one.kind === 'volume' && one.volumeId === volumeId);
      if (disk?.kind !== 'volume') return;
      const block = volumeDevice(disk, this.#folder(id), this.#deps.host);
      const identity = this.#process(id);
      if (identity) await unplugDisk(await this.#monitor(id, identity), block, RELEASE_MS, signal);
      if (block.secret) await rm(block.secret.file, { force: true });
      await this.#kit.folders.write({ ...spec, disks: spec.disks.filter((one) => one !== disk) });
    });
  }

  async rewire(signal: AbortSignal): Promise<void> {
    for (const { spec } of await this.#kit.folders.list()) {
      signal.throwIfAborted();
      // A guest that is off gets its wiring when it is started.
      if (this.#process(spec.id)) await this.#deps.vif.plug(spec.id, spec.interfaces, { makeTap: true }, signal);
      await limitConsoleLog(this.#folder(spec.id, CONSOLE_LOG));
    }
  }

  onLifecycle(listener: (event: LifecycleEvent) => void): void {
    this.#lifecycle.listen(listener);
  }

  async close(): Promise<void> {
    this.#monitors.close();
  }

  async #startKept({ spec }: GuestDefinition, signal: AbortSignal): Promise<void> {
    if (await adoptGuestProcess(spec.id, this.#folder(spec.id), signal)) return;
    await this.#deps.vif.plug(spec.id, spec.interfaces, { makeTap: true }, signal);
    await this.#start(spec, signal);
  }

  async #start(spec: KeptSpec, signal: AbortSignal): Promise<void> {
    const folder = this.#folder(spec.id);
    await Promise.all([
      beginConsoleLog(this.#folder(spec.id, CONSOLE_LOG)),
      rm(this.#folder(spec.id, MONITOR), { force: true }),
      this.#writeSecrets(spec),
    ]);
    signal.throwIfAborted();
    try {
      await this.#deps.run(qemuCommand(spec, folder, this.#command), { cwd: folder });
    } catch (error) {
      if (this.#command.sandbox && error instanceof CommandError && /sandbox|seccomp/i.test(error.stderr)) {
        this.#deps.log.warn('This QEMU has no seccomp sandbox; guests are started without it', error);
        this.#command = { ...this.#command, sandbox: false };
        return this.#start(spec, signal);
      }
      // Our predecessor may have been starting it: then its files are locked against us, and it runs.
      if (!(await adoptGuestProcess(spec.id, folder, signal))) throw error;
    }
    const identity = this.#process(spec.id);
    if (!identity) throw new Error(`QEMU of instance ${spec.id} ended right after its start; see ${folder}`);
    await this.#monitor(spec.id, identity);
  }

  /** By ACPI within the time, then by QEMU's own end, then by force. */
  async #stop(id: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const identity = this.#process(id);
    if (!identity) return killGuestProcesses(id, this.#folder(id));
    const { power } = await this.#powerOf(id, identity);
    // A guest that stands still hears no button.
    if (timeoutMs > 0 && power === 'running') {
      const qmp = await this.#monitor(id, identity);
      await qmp.execute('system_powerdown');
      const deadline = performance.now() + timeoutMs;
      // Pressed again: a guest that was still booting has not seen it.
      while (performance.now() < deadline && !(await waitForEnd(identity, Math.min(2_000, timeoutMs), signal)))
        await qmp.execute('system_powerdown').catch(() => undefined);
    }
    this.#monitors.forget(id);
    await terminate(identity, { graceMs: 3_000 }); // on SIGTERM QEMU writes its disks out and ends
  }

  /** Files for `-object secret`: on the command line every user of the host could read the password. */
  async #writeSecrets(spec: KeptSpec): Promise<void> {
    for (const { secret } of guestBlockDevices(spec, this.#folder(spec.id), this.#command))
      if (secret && (await readIfExists(secret.file)) !== secret.value)
        await writeFileAtomic(secret.file, secret.value, { mode: 0o600 });
  }

  async #stateOf({ spec }: GuestDefinition): Promise<GuestState> {
    const identity = this.#process(spec.id);
    const power = identity ? (await this.#powerOf(spec.id, identity)).power : 'shutdown';
    return { id: spec.id, name: spec.name, power };
  }

  async #powerOf(id: string, identity: ProcessIdentity): Promise<{ power: PowerState }> {
    try {
      const qmp = await this.#monitor(id, identity);
      const { status } = await qmp.execute<{ status: string }>('query-status', {}, { timeoutMs: 2_000 });
      return { power: POWER[status] ?? 'paused' };
    } catch {
      // The process ended in between, or it runs and its monitor is silent.
      return { power: this.#process(id) ? 'running' : 'shutdown' };
    }
  }

  async #running(id: string): Promise<QmpClient> {
    await this.#kit.folders.require(id);
    const identity = this.#process(id);
    if (!identity) throw new Error(`Instance ${id} is not running.`);
    return this.#monitor(id, identity);
  }

  #monitor(id: string, identity: ProcessIdentity): Promise<QmpClient> {
    return this.#monitors.client(id, this.#folder(id), identity);
  }

  #process(id: string): ProcessIdentity | undefined {
    return guestProcess(id, this.#folder(id));
  }

  #folder(id: string, file?: string): string {
    return this.#kit.folders.path(id, file);
  }
}

/** Makes the driver; guests of a predecessor are adopted. */
export async function createQemuDriver(deps: DriverDeps): Promise<ComputeDriver> {
  const driver = new QemuDriver(deps);
  await driver.adopt();
  return driver;
}
