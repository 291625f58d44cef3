import { existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { writeFileAtomic, readIfExists } from '#common/host/files.ts';
import { findProgram } from '#common/host/privileges.ts';
import { terminate, waitForEnd, type ProcessIdentity } from '#common/host/process.ts';
import type { QmpClient } from '#common/host/qmp.ts';
import { CommandError, output } from '#common/host/run.ts';
import { accelerationFor } from '../acceleration.ts';
import { beginConsoleLog, limitConsoleLog, readConsoleLog } from '../console-log.ts';
import type { DriverDeps } from '../deps.ts';
import { ROOT_DISK } from '../disks/guest-disks.ts';
import {
  GuestAgentMissing,
  type ComputeDriver,
  type ConsoleEndpoint,
  type GuestDiagnostics,
  type GuestInterface,
  type GuestSpec,
  type GuestState,
  type HostResources,
  type LifecycleEvent,
  type PowerState,
  type RescueSystem,
  type SpawnOptions,
} from '../driver.ts';
import type { GuestDefinition, KeptSpec } from '../guest-folders.ts';
import { GuestKit } from '../guest-kit.ts';
import { hostResources, versionNumber } from '../host-resources.ts';
import { Lifecycle } from '../lifecycle.ts';
import { backUpDisk, copyIdleDisk } from '../monitor/backup.ts';
import { diagnose } from '../monitor/diagnostics.ts';
import { setUserPassword } from '../monitor/set-password.ts';
import { asStarted } from '../rescue.ts';
import { serialDisabled, startedWithoutSerial } from '../serial.ts';
import { explainVolumeError } from '../volume-errors.ts';
import {
  asPlugged,
  findVolume,
  isRenamed,
  volumeIds,
  withSwapped,
  withVolume,
  type VolumeDisk,
} from '../volume-disks.ts';
import { withGuestAgent } from './agent.ts';
import { volumeDevice, volumeNodeName } from './block-devices.ts';
import { CONSOLE_LOG, guestBlockDevices, MONITOR, qemuCommand, SERIAL, type CommandHost } from './command.ts';
import { adoptGuestProcess, guestProcess, killGuestProcesses } from './guest-process.ts';
import { plugDisk, plugInterface, unplugDisk, unplugInterface } from './hot-plug.ts';
import { forgetMemory, loadMemory, savedPlaces, saveMemory, statusOf, type Places } from './memory.ts';
import { Monitors } from './monitors.ts';
import { netdevId, networkDevice, nicId } from './network-devices.ts';
import { swapNodes } from './volume-swap.ts';

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
      serial: deps.serial,
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

  spawn(spec: GuestSpec, signal: AbortSignal, { start = true, fromAside }: SpawnOptions = {}): Promise<void> {
    return this.#lifecycle.during(spec.id, async () => {
      const known = await this.#kit.folders.read(spec.id);
      if (known && (await adoptGuestProcess(spec.id, this.#folder(spec.id), signal))) return;
      signal.throwIfAborted();
      const kept = await this.#kit.prepare(spec, true, fromAside);
      if (start) await this.#start(kept, signal);
    });
  }

  wipe(id: string, keepEphemeral: boolean, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#lifecycle.during(id, async () => {
      const definition = await this.#kit.folders.read(id);
      if (!definition) return;
      await this.#stop(id, timeoutMs, signal);
      await forgetMemory(this.#folder(id));
      await this.#kit.removeDisks(definition, keepEphemeral);
    });
  }

  setAside(id: string, tag: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#lifecycle.during(id, async () => {
      if ((await this.#kit.folders.aside(id))?.tag === tag) return;
      const definition = await this.#kit.folders.require(id);
      await this.#stop(id, timeoutMs, signal);
      await this.#kit.setAside(definition, tag);
    });
  }

  restoreAside(id: string, tag: string, start: boolean, signal: AbortSignal): Promise<void> {
    return this.#lifecycle.during(id, async () => {
      if ((await this.#kit.folders.aside(id))?.tag === tag) await this.#kit.folders.takeBack(id);
      const definition = await this.#kit.folders.require(id);
      if (start) await this.#startKept(definition, signal);
    });
  }

  async discardAside(id: string, tag: string): Promise<void> {
    if ((await this.#kit.folders.aside(id))?.tag === tag) await this.#kit.folders.removeAside(id);
  }

  async listAside(): Promise<readonly { readonly id: string; readonly tag: string }[]> {
    return (await this.#kit.folders.asides()).map(({ id, tag }) => ({ id, tag }));
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

  suspend(id: string, signal: AbortSignal): Promise<void> {
    return this.#lifecycle.during(id, async () => {
      await this.#kit.folders.require(id);
      const folder = this.#folder(id);
      const saved = (await savedPlaces(folder)) !== null;
      const identity = this.#process(id);
      if (!identity) {
        if (saved) return;
        throw new Error(`Instance ${id} is not running.`);
      }
      const qmp = await this.#monitor(id, identity);
      // Between the last byte and the end of QEMU our predecessor may have died.
      if (!saved || (await statusOf(qmp)) !== 'postmigrate') await saveMemory(qmp, folder, signal);
      this.#monitors.forget(id);
      await terminate(identity, { graceMs: 3_000 });
    });
  }

  resume(id: string, signal: AbortSignal): Promise<void> {
    return this.#lifecycle.during(id, async () => {
      const definition = await this.#kit.folders.require(id);
      const folder = this.#folder(id);
      const running = this.#process(id);
      // A predecessor's QEMU that still waits for its memory waits for ever.
      if (running && (await statusOf(await this.#monitor(id, running))) === 'inmigrate') {
        this.#monitors.forget(id);
        await killGuestProcesses(id, folder);
      }
      const places = await savedPlaces(folder);
      if (!this.#process(id)) {
        if (places === null) return this.#startKept(definition, signal);
        await this.#deps.vif.plug(id, definition.spec.interfaces, { makeTap: true }, signal);
        await this.#start(definition.spec, signal, places);
        try {
          await loadMemory(await this.#running(id), folder, signal);
        } catch (error) {
          this.#monitors.forget(id);
          await killGuestProcesses(id, folder);
          throw error;
        }
      }
      // First, so that no later start can go back to this moment.
      await forgetMemory(folder);
      await (await this.#running(id)).execute('cont');
    });
  }

  rescue(id: string, system: RescueSystem, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#lifecycle.during(id, async () => {
      const definition = await this.#kit.folders.require(id);
      if (!definition.spec.rescue) await this.#stop(id, timeoutMs, signal);
      await this.#startKept({ ...definition, spec: await this.#kit.beginRescue(definition, system) }, signal);
    });
  }

  unrescue(id: string, signal: AbortSignal): Promise<void> {
    return this.#lifecycle.during(id, async () => {
      const definition = await this.#kit.folders.require(id);
      if (definition.spec.rescue) await this.#stop(id, 0, signal);
      await this.#startKept({ ...definition, spec: await this.#kit.endRescue(definition.spec) }, signal);
    });
  }

  async snapshot(id: string, path: string, format: 'qcow2' | 'raw', signal: AbortSignal): Promise<void> {
    await this.#kit.folders.require(id);
    if (await stat(path).catch(() => undefined)) return;
    const options = { disk: this.#folder(id, ROOT_DISK), to: path, format, run: this.#deps.run, signal };
    const identity = this.#process(id);
    if (identity) await backUpDisk(await this.#monitor(id, identity), options);
    else await copyIdleDisk(options);
  }

  async injectNmi(id: string): Promise<void> {
    await (await this.#running(id)).execute('inject-nmi');
  }

  async setPassword(id: string, user: string, password: string): Promise<void> {
    const { spec } = await this.#kit.folders.require(id);
    if (!spec.guestAgent) throw new GuestAgentMissing('QEMU guest agent is not enabled');
    await this.#running(id);
    await withGuestAgent(this.#folder(id), (agent) => setUserPassword(agent, user, password));
  }

  async diagnostics(id: string): Promise<GuestDiagnostics> {
    const { spec } = await this.#kit.folders.require(id);
    const qmp = await this.#running(id);
    const { power } = await this.#powerOf(id, this.#process(id)!);
    return diagnose(qmp, {
      spec: asStarted(spec),
      power,
      hypervisor: this.acceleration.kvm ? 'kvm' : 'qemu',
      isDisk: (disk, { qdev, node }) =>
        disk.kind === 'volume'
          ? node === volumeNodeName(disk.volumeId)
          : qdev.split('/').includes(`disk-${disk.device}`),
    });
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

  async serialEndpoint(id: string): Promise<ConsoleEndpoint> {
    const qmp = await this.#running(id);
    if (!this.#deps.serial) throw serialDisabled();
    const lines = await qmp.execute<readonly { label: string; filename: string }[]>('query-chardev');
    const { filename = '' } = lines.find(({ label }) => label === SERIAL) ?? {};
    // QEMU chose the port: `disconnected:tcp:127.0.0.1:10000,server=on`, and with a client `tcp:… <-> …`.
    const [, host, port] = /tcp:\[?([^,]*?)\]?:(\d+),server/.exec(filename) ?? [];
    if (host === undefined) throw startedWithoutSerial();
    return { host, port: Number(port) };
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

  async volumes(id: string): Promise<readonly string[]> {
    return volumeIds((await this.#kit.folders.require(id)).spec.disks);
  }

  attachDisk(id: string, disk: VolumeDisk): Promise<void> {
    return this.#lifecycle.during(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const kept = (await this.#kit.folders.write({ ...spec, disks: withVolume(spec.disks, disk) })).spec;
      await this.#writeSecrets(kept);
      const identity = this.#process(id);
      const mine = findVolume(kept.disks, disk.volumeId);
      if (!identity || !mine) return;
      try {
        await plugDisk(await this.#monitor(id, identity), volumeDevice(mine, this.#folder(id), this.#deps.host));
      } catch (error) {
        await this.#forgetDisk(spec, disk);
        throw explainVolumeError(error, [disk]);
      }
    });
  }

  detachDisk(id: string, volumeId: string, signal: AbortSignal): Promise<void> {
    return this.#lifecycle.during(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const disk = findVolume(spec.disks, volumeId);
      if (!disk) return;
      const identity = this.#process(id);
      const block = volumeDevice(disk, this.#folder(id), this.#deps.host);
      if (identity) await unplugDisk(await this.#monitor(id, identity), block, RELEASE_MS, signal);
      await this.#forgetDisk({ ...spec, disks: spec.disks.filter((one) => one !== disk) }, disk);
    });
  }

  growDisk(id: string, volumeId: string, bytes: number): Promise<void> {
    return this.#lifecycle.during(id, async () => {
      const identity = this.#process(id);
      if (!identity) return;
      const qmp = await this.#monitor(id, identity);
      await qmp.execute('block_resize', { 'node-name': volumeNodeName(volumeId), size: bytes });
    });
  }

  swapDisk(id: string, volumeId: string, disk: VolumeDisk, signal: AbortSignal): Promise<void> {
    return this.#lifecycle.during(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const from = findVolume(spec.disks, volumeId);
      if (!from && findVolume(spec.disks, disk.volumeId)) return;
      if (!from) throw new Error(`Instance ${id} has no volume ${volumeId}.`);
      const qmp = await this.#running(id);
      const [folder, { host }] = [this.#folder(id), this.#deps];
      const kept = { ...spec, disks: withSwapped(spec.disks, from, disk) };
      await this.#writeSecrets(kept);
      try {
        await swapNodes(qmp, volumeDevice(from, folder, host), volumeDevice(disk, folder, host), signal);
      } catch (error) {
        await this.#forgetDisk(spec, disk);
        throw explainVolumeError(error, [disk]);
      }
      await this.#forgetDisk(kept, from);
    });
  }

  /** Keeps a definition in which a volume is no more, and removes its secret. */
  async #forgetDisk(spec: KeptSpec, disk: VolumeDisk): Promise<void> {
    const { secret } = volumeDevice(disk, this.#folder(spec.id), this.#deps.host);
    await this.#kit.folders.write(spec);
    if (secret && !findVolume(spec.disks, disk.volumeId)) await rm(secret.file, { force: true });
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

  /** @param places of a guest whose memory is to be loaded: QEMU waits for it */
  async #start(given: KeptSpec, signal: AbortSignal, places: Places | null = null): Promise<void> {
    const folder = this.#folder(given.id);
    // Saved memory knows its devices by the names that they had.
    const spec = places === null ? { ...given, disks: asPlugged(given.disks) } : given;
    if (places === null && isRenamed(given.disks)) await this.#kit.folders.write(spec);
    await Promise.all([
      places === null ? beginConsoleLog(this.#folder(spec.id, CONSOLE_LOG)) : undefined,
      places === null ? forgetMemory(folder) : undefined,
      rm(this.#folder(spec.id, MONITOR), { force: true }),
      this.#writeSecrets(spec),
    ]);
    signal.throwIfAborted();
    try {
      await this.#deps.run(qemuCommand(asStarted(spec), folder, this.#command, places), { cwd: folder });
    } catch (error) {
      if (this.#command.sandbox && error instanceof CommandError && /sandbox|seccomp/i.test(error.stderr)) {
        this.#deps.log.warn('This QEMU has no seccomp sandbox; guests are started without it', error);
        this.#command = { ...this.#command, sandbox: false };
        return this.#start(spec, signal, places);
      }
      // Our predecessor may have been starting it: then its files are locked against us, and it runs.
      if (!(await adoptGuestProcess(spec.id, folder, signal)))
        throw explainVolumeError(
          error,
          spec.disks.filter((disk) => disk.kind === 'volume'),
        );
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
    for (const { secret } of guestBlockDevices(asStarted(spec), this.#folder(spec.id), this.#command))
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
