import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readIfExists, writeFileAtomic } from '#common/host/files.ts';
import { findProgram } from '#common/host/privileges.ts';
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
import type { KeptSpec } from '../guest-folders.ts';
import { GuestKit } from '../guest-kit.ts';
import { hostResources } from '../host-resources.ts';
import { initiatorName } from '../initiator.ts';
import { Lifecycle } from '../lifecycle.ts';
import { backUpDisk, copyIdleDisk } from '../monitor/backup.ts';
import { diagnose } from '../monitor/diagnostics.ts';
import type { Monitor } from '../monitor/monitor.ts';
import { setUserPassword } from '../monitor/set-password.ts';
import { asStarted } from '../rescue.ts';
import { serialDisabled, startedWithoutSerial, type SerialConsoles } from '../serial.ts';
import {
  asPlugged,
  findVolume,
  isRenamed,
  volumeIds,
  withSwapped,
  withVolume,
  type VolumeDisk,
} from '../volume-disks.ts';
import { explainVolumeError } from '../volume-errors.ts';
import { swapBlock } from './block-swap.ts';
import { LibvirtConnection } from './connection.ts';
import { supportsDirectIo } from './direct-io.ts';
import { changesPower, powerOf } from './domain-state.ts';
import { CONSOLE_LOG, deviceAlias, diskXml, domainXml, interfaceXml, type DomainHost } from './domain-xml.ts';
import {
  CONFIG,
  LibvirtError,
  LIVE,
  NO_DOMAIN,
  OPERATION_INVALID,
  type Domain,
  type DomainEvent,
  type LibvirtClient,
} from './libvirt-client.ts';
import { SerialPorts } from './serial-ports.ts';
import { printXml, type XmlElement } from './xml.ts';

/** How long a guest may take to release a device. */
const RELEASE_MS = 20_000;
/** How many seconds a guest's agent may take for an answer: one that is still booting answers when its agent has started. */
const AGENT_SECONDS = 30;

/** How often another port is tried for a serial console whose port has just been taken. */
const PORT_TRIES = 50;
const DOMAIN_FILE = 'libvirt.xml';

/** Guests as domains of libvirt, as the manual has them: `virsh` shows and drives them too. */
export class LibvirtDriver implements ComputeDriver {
  readonly name = 'libvirt';
  readonly acceleration: ComputeDriver['acceleration'];
  readonly #deps: DriverDeps;
  readonly #kit: GuestKit;
  readonly #lifecycle = new Lifecycle();
  readonly #connection: LibvirtConnection;
  /** What we last knew of a guest's power: after a lost connection the difference is what events would have told. */
  readonly #known = new Map<string, PowerState>();
  #host: Promise<DomainHost> | undefined;
  #ports: Promise<SerialPorts> | undefined;

  constructor(deps: DriverDeps) {
    this.#deps = deps;
    this.#kit = new GuestKit(deps);
    this.acceleration = accelerationFor(deps.virtType);
    this.#connection = new LibvirtConnection({
      run: deps.run,
      log: deps.log,
      folder: libvirtFolder(deps.statePath),
      onEvent: (event) => void this.#hear(event),
      onConnect: () =>
        void this.#compare().catch((error: unknown) => deps.log.warn('The guests cannot be listed', error)),
    });
  }

  /** Finishes removals of a predecessor, and connects in the background. */
  async adopt(): Promise<void> {
    await this.#kit.folders.sweep();
    this.#connection.warmUp();
  }

  async resources(): Promise<HostResources> {
    const client = await this.#connection.get();
    return hostResources(this.#deps.instancesPath, {
      type: 'QEMU',
      version: await client.hypervisorVersion(),
      hostname: this.#deps.host,
      kvm: this.acceleration.kvm,
    });
  }

  async list(): Promise<readonly GuestState[]> {
    const definitions = await this.#kit.folders.list();
    const client = await this.#connection.get();
    return Promise.all(definitions.map(({ spec }) => stateOf(client, spec)));
  }

  async state(id: string): Promise<GuestState | null> {
    const definition = await this.#kit.folders.read(id);
    return definition && stateOf(await this.#connection.get(), definition.spec);
  }

  spawn(spec: GuestSpec, signal: AbortSignal, { start = true, fromAside }: SpawnOptions = {}): Promise<void> {
    return this.#own(spec.id, async () => {
      const client = await this.#connection.get();
      const known = await this.#kit.folders.read(spec.id);
      if (known && isOn((await stateOf(client, known.spec)).power)) return;
      const kept = await this.#kit.prepare(spec, false, fromAside);
      signal.throwIfAborted();
      if (start) await this.#start(client, kept);
      else await this.#define(client, kept);
    });
  }

  wipe(id: string, keepEphemeral: boolean, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#own(id, async () => {
      const definition = await this.#kit.folders.read(id);
      if (!definition) return;
      const client = await this.#connection.get();
      await this.#stop(client, definition.spec, timeoutMs, signal);
      await forgetMemory(client, definition.spec);
      await this.#kit.removeDisks(definition, keepEphemeral);
    });
  }

  setAside(id: string, tag: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#own(id, async () => {
      if ((await this.#kit.folders.aside(id))?.tag === tag) return;
      const definition = await this.#kit.folders.require(id);
      const client = await this.#connection.get();
      await this.#stop(client, definition.spec, timeoutMs, signal);
      await unlessAbsent(client.undefine(domainOf(definition.spec)));
      await this.#kit.setAside(definition, tag);
      (await this.#ports)?.release(id);
    });
  }

  restoreAside(id: string, tag: string, start: boolean, signal: AbortSignal): Promise<void> {
    return this.#own(id, async () => {
      if ((await this.#kit.folders.aside(id))?.tag === tag) await this.#kit.folders.takeBack(id);
      const { spec } = await this.#kit.folders.require(id);
      const client = await this.#connection.get();
      if (start) await this.#startKept(client, spec, signal);
      else if (!isOn((await stateOf(client, spec)).power)) await this.#define(client, spec);
    });
  }

  async discardAside(id: string, tag: string): Promise<void> {
    if ((await this.#kit.folders.aside(id))?.tag === tag) await this.#kit.folders.removeAside(id);
  }

  async listAside(): Promise<readonly { readonly id: string; readonly tag: string }[]> {
    return (await this.#kit.folders.asides()).map(({ id, tag }) => ({ id, tag }));
  }

  destroy(id: string): Promise<void> {
    return this.#own(id, async () => {
      const definition = await this.#kit.folders.read(id);
      if (!definition) return;
      const client = await this.#connection.get();
      const domain = domainOf(definition.spec);
      await unlessAbsent(client.destroy(domain));
      await unlessAbsent(client.undefine(domain));
      for (const disk of definition.spec.disks)
        if (disk.kind === 'volume') await client.removeIscsiSecret(disk.volumeId);
      await this.#kit.discard(id);
      (await this.#ports)?.release(id);
    });
  }

  powerOff(id: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      await this.#stop(await this.#connection.get(), spec, timeoutMs, signal);
    });
  }

  powerOn(id: string, signal: AbortSignal): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      await this.#startKept(await this.#connection.get(), spec, signal);
    });
  }

  reboot(id: string, kind: 'soft' | 'hard', timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const client = await this.#connection.get();
      await this.#stop(client, spec, kind === 'soft' ? timeoutMs : 0, signal);
      await this.#startKept(client, spec, signal);
    });
  }

  pause(id: string): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      await (await this.#connection.get()).suspend(domainOf(spec));
    });
  }

  unpause(id: string): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      await (await this.#connection.get()).resume(domainOf(spec));
    });
  }

  suspend(id: string, signal: AbortSignal): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const client = await this.#connection.get();
      signal.throwIfAborted();
      if (isOn((await stateOf(client, spec)).power)) await client.managedSave(domainOf(spec));
      else if (!(await client.hasManagedSave(domainOf(spec)))) throw new Error(`Instance ${id} is not running.`);
    });
  }

  resume(id: string, signal: AbortSignal): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const client = await this.#connection.get();
      const domain = domainOf(spec);
      if (!(await client.hasManagedSave(domain))) {
        const { power } = await stateOf(client, spec);
        return power === 'paused' ? client.resume(domain) : this.#startKept(client, spec, signal);
      }
      await this.#deps.vif.plug(id, spec.interfaces, { makeTap: false }, signal);
      await setSecrets(client, spec);
      // libvirt loads what it has saved, and removes it.
      await client.start(domain);
    });
  }

  rescue(id: string, system: RescueSystem, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#own(id, async () => {
      const definition = await this.#kit.folders.require(id);
      const client = await this.#connection.get();
      if (!definition.spec.rescue) await this.#stop(client, definition.spec, timeoutMs, signal);
      await this.#startKept(client, await this.#kit.beginRescue(definition, system), signal);
    });
  }

  unrescue(id: string, signal: AbortSignal): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const client = await this.#connection.get();
      if (spec.rescue) await this.#stop(client, spec, 0, signal);
      await this.#startKept(client, await this.#kit.endRescue(spec), signal);
    });
  }

  async snapshot(id: string, path: string, format: 'qcow2' | 'raw', signal: AbortSignal): Promise<void> {
    const { spec } = await this.#kit.folders.require(id);
    if (await stat(path).catch(() => undefined)) return;
    const options = { disk: this.#kit.folders.path(id, ROOT_DISK), to: path, format, run: this.#deps.run, signal };
    const client = await this.#connection.get();
    if (isOn((await stateOf(client, spec)).power)) await backUpDisk(monitorOf(client, spec), options);
    else await copyIdleDisk(options);
  }

  async injectNmi(id: string): Promise<void> {
    const { spec } = await this.#kit.folders.require(id);
    await monitorOf(await this.#connection.get(), spec).execute('inject-nmi');
  }

  async setPassword(id: string, user: string, password: string): Promise<void> {
    const { spec } = await this.#kit.folders.require(id);
    if (!spec.guestAgent) throw new GuestAgentMissing('QEMU guest agent is not enabled');
    const client = await this.#connection.get();
    await setUserPassword(
      { execute: (command, args = {}) => client.agentCommand(domainOf(spec), command, args, AGENT_SECONDS) },
      user,
      password,
    );
  }

  async diagnostics(id: string): Promise<GuestDiagnostics> {
    const { spec } = await this.#kit.folders.require(id);
    const client = await this.#connection.get();
    const { power } = await stateOf(client, spec);
    if (!isOn(power)) throw new Error(`Instance ${id} is not running.`);
    return diagnose(monitorOf(client, spec), {
      spec: asStarted(spec),
      power,
      hypervisor: this.acceleration.kvm ? 'kvm' : 'qemu',
      isDisk: (disk, { qdev }) => qdev.split('/').includes(deviceAlias(disk)),
    });
  }

  async consoleLog(id: string, maxBytes: number): Promise<Buffer> {
    await this.#kit.folders.require(id);
    return readConsoleLog(this.#kit.folders.path(id, CONSOLE_LOG), maxBytes);
  }

  async vncEndpoint(id: string): Promise<ConsoleEndpoint> {
    const { spec } = await this.#kit.folders.require(id);
    const text = await (await this.#connection.get()).xml(domainOf(spec));
    const graphics = /<graphics type='vnc'[^>]*>/.exec(text)?.[0] ?? '';
    const port = Number(/ port='(\d+)'/.exec(graphics)?.[1] ?? 0);
    if (!spec.vnc) throw new Error(`Instance ${id} has no VNC console.`);
    if (port === 0) throw new Error(`Instance ${id} is not running.`);
    return { host: / listen='([^']+)'/.exec(graphics)?.[1] ?? spec.vnc.listen, port };
  }

  async serialEndpoint(id: string): Promise<ConsoleEndpoint> {
    const { spec } = await this.#kit.folders.require(id);
    const client = await this.#connection.get();
    if (!isOn((await stateOf(client, spec)).power)) throw new Error(`Instance ${id} is not running.`);
    if (!this.#deps.serial) throw serialDisabled();
    const address = serialAddress(await client.xml(domainOf(spec)));
    if (!address) throw startedWithoutSerial();
    return address;
  }

  attachInterface(id: string, nic: GuestInterface): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const others = spec.interfaces.filter(({ portId }) => portId !== nic.portId);
      await this.#kit.folders.write({ ...spec, interfaces: [...others, nic] });
      try {
        await this.#deps.vif.plug(id, [nic], { makeTap: false });
        await this.#attach(spec, interfaceXml(nic, await this.#domainHost()), nic.mac);
      } catch (error) {
        await this.#deps.vif.unplug([nic]).catch(() => undefined);
        await this.#kit.folders.write({ ...spec, interfaces: others });
        throw error;
      }
    });
  }

  detachInterface(id: string, portId: string, signal: AbortSignal): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const nic = spec.interfaces.find((one) => one.portId === portId);
      if (!nic) return;
      // A guest that does not let go keeps a card without a cable until it is next started.
      await this.#detach(spec, interfaceXml(nic, await this.#domainHost()), nic.mac, signal);
      await this.#deps.vif.unplug([nic]);
      await this.#kit.folders.write({ ...spec, interfaces: spec.interfaces.filter((one) => one !== nic) });
    });
  }

  async volumes(id: string): Promise<readonly string[]> {
    return volumeIds((await this.#kit.folders.require(id)).spec.disks);
  }

  attachDisk(id: string, disk: VolumeDisk): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const kept = (await this.#kit.folders.write({ ...spec, disks: withVolume(spec.disks, disk) })).spec;
      try {
        await setSecrets(await this.#connection.get(), kept);
        await this.#attach(spec, this.#volumeXml(disk, await this.#domainHost()), disk.volumeId);
      } catch (error) {
        await this.#kit.folders.write(spec);
        throw explainVolumeError(error, [disk]);
      }
    });
  }

  detachDisk(id: string, volumeId: string, signal: AbortSignal): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const disk = findVolume(spec.disks, volumeId);
      if (!disk) return;
      const sign = disk.plugId ?? volumeId;
      if (!(await this.#detach(spec, this.#volumeXml(disk, await this.#domainHost()), sign, signal)))
        throw new Error(
          `The guest did not release the disk within ${RELEASE_MS / 1000} s. Unmount it inside the guest, or stop the server, and detach it again.`,
        );
      await (await this.#connection.get()).removeIscsiSecret(volumeId);
      await this.#kit.folders.write({ ...spec, disks: spec.disks.filter((one) => one !== disk) });
    });
  }

  growDisk(id: string, volumeId: string, bytes: number): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const disk = findVolume(spec.disks, volumeId);
      const client = await this.#connection.get();
      if (disk && isOn((await stateOf(client, spec)).power))
        await client.blockResize(domainOf(spec), disk.device, bytes);
    });
  }

  swapDisk(id: string, volumeId: string, disk: VolumeDisk, signal: AbortSignal): Promise<void> {
    return this.#own(id, async () => {
      const { spec } = await this.#kit.folders.require(id);
      const from = findVolume(spec.disks, volumeId);
      if (!from && findVolume(spec.disks, disk.volumeId)) return;
      if (!from) throw new Error(`Instance ${id} has no volume ${volumeId}.`);
      const client = await this.#connection.get();
      const host = await this.#domainHost();
      const kept = { ...spec, disks: withSwapped(spec.disks, from, disk) };
      await setSecrets(client, kept);
      const target = { ...disk, device: from.device, bus: from.bus };
      try {
        await swapBlock(client, domainOf(spec), from.device, this.#volumeXml(target, host), signal);
      } catch (error) {
        await client.removeIscsiSecret(disk.volumeId);
        throw explainVolumeError(error, [disk]);
      }
      await this.#kit.folders.write(kept);
      await client.removeIscsiSecret(volumeId);
    });
  }

  async rewire(signal: AbortSignal): Promise<void> {
    const client = await this.#connection.get();
    for (const { spec } of await this.#kit.folders.list()) {
      signal.throwIfAborted();
      // A guest that is off gets its wiring when it is started.
      if (isOn((await stateOf(client, spec)).power))
        await this.#deps.vif.plug(spec.id, spec.interfaces, { makeTap: false }, signal);
      await limitConsoleLog(this.#kit.folders.path(spec.id, CONSOLE_LOG));
    }
  }

  onLifecycle(listener: (event: LifecycleEvent) => void): void {
    this.#lifecycle.listen(listener);
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  /** Our own work on a guest; afterwards we know its power without being told. */
  async #own<T>(id: string, work: () => Promise<T>): Promise<T> {
    return this.#lifecycle.during(id, async () => {
      try {
        return await work();
      } finally {
        const state = await this.state(id).catch(() => null);
        if (state) this.#known.set(id, state.power);
        else this.#known.delete(id);
      }
    });
  }

  async #start(client: LibvirtClient, given: KeptSpec): Promise<void> {
    const spec = { ...given, disks: asPlugged(given.disks) };
    if (isRenamed(given.disks)) await this.#kit.folders.write(spec);
    const folder = this.#kit.folders.path(spec.id);
    await Promise.all([beginConsoleLog(join(folder, CONSOLE_LOG)), setSecrets(client, spec)]);
    let domain = await this.#define(client, spec);
    await forgetMemory(client, spec);
    for (let again = 0; ; again++) {
      try {
        return await client.start(domain);
      } catch (error) {
        if (!(error instanceof LibvirtError)) throw error;
        // A predecessor's start may have been under way: then it runs now.
        if (error.code === OPERATION_INVALID && isOn((await stateOf(client, spec)).power)) return;
        if (again === PORT_TRIES || !/address already in use/i.test(error.message) || !this.#deps.serial) throw error;
        // Somebody took the port of its serial console between our look and QEMU's.
        await (await this.#serialPorts(this.#deps.serial)).next(spec.id);
        domain = await this.#define(client, spec);
      }
    }
  }

  /** Ports of serial consoles, with those that guests of a predecessor have. */
  #serialPorts(serial: SerialConsoles): Promise<SerialPorts> {
    const look = async (): Promise<SerialPorts> => {
      const ports = new SerialPorts(serial);
      for (const { spec } of await this.#kit.folders.list()) {
        const address = serialAddress((await readIfExists(this.#kit.folders.path(spec.id, DOMAIN_FILE))) ?? '');
        if (address) ports.keep(spec.id, address.port);
      }
      return ports;
    };
    this.#ports ??= look().catch((error: unknown) => {
      this.#ports = undefined;
      throw error;
    });
    return this.#ports;
  }

  /** The domain is defined as it will be started next. */
  async #define(client: LibvirtClient, spec: KeptSpec): Promise<Domain> {
    const folder = this.#kit.folders.path(spec.id);
    const { serial } = this.#deps;
    const line = serial && { listen: serial.listen, port: await (await this.#serialPorts(serial)).of(spec.id) };
    const document = printXml(domainXml(asStarted(spec), folder, await this.#domainHost(), line));
    await writeFileAtomic(join(folder, DOMAIN_FILE), document, { mode: 0o600 });
    return client.define(document);
  }

  async #startKept(client: LibvirtClient, spec: KeptSpec, signal: AbortSignal): Promise<void> {
    if (isOn((await stateOf(client, spec)).power)) return;
    await this.#deps.vif.plug(spec.id, spec.interfaces, { makeTap: false }, signal);
    await this.#start(client, spec);
  }

  /** By ACPI within the time, then by force. */
  async #stop(client: LibvirtClient, spec: KeptSpec, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const domain = domainOf(spec);
    const deadline = performance.now() + timeoutMs;
    let pressed = -Infinity;
    for (;;) {
      const { power } = await stateOf(client, spec);
      if (!isOn(power)) return;
      // A guest that stands still hears no button.
      if (power !== 'running' || performance.now() >= deadline) break;
      // Pressed again: a guest that was still booting has not seen it.
      if (performance.now() - pressed > 2_000) {
        pressed = performance.now();
        await unlessAbsent(client.shutdown(domain));
      }
      await sleep(50, undefined, { signal });
    }
    await unlessAbsent(client.destroy(domain));
  }

  async #attach(spec: KeptSpec, device: XmlElement, sign: string): Promise<void> {
    const client = await this.#connection.get();
    const domain = domainOf(spec);
    const on = isOn((await stateOf(client, spec)).power);
    // A guest that is off is defined anew at its start.
    if (!on || (await client.xml(domain)).includes(sign)) return;
    await client.attachDevice(domain, printXml(device), LIVE | CONFIG);
  }

  /** Says whether the guest has let go. */
  async #detach(spec: KeptSpec, device: XmlElement, sign: string, signal: AbortSignal): Promise<boolean> {
    const client = await this.#connection.get();
    const domain = domainOf(spec);
    const deadline = performance.now() + RELEASE_MS;
    for (let flags = LIVE | CONFIG; performance.now() < deadline; flags = LIVE) {
      if (!isOn((await stateOf(client, spec)).power) || !(await client.xml(domain)).includes(sign)) return true;
      // Asked again while it hesitates: a guest that was still booting has not heard.
      await client.detachDevice(domain, printXml(device), flags).catch((error: unknown) => {
        if (!(error instanceof LibvirtError)) throw error;
        this.#deps.log.debug(`Detaching from ${spec.id}: ${error.message}`);
      });
      const again = performance.now() + 3_000;
      while (performance.now() < again) {
        if (!(await client.xml(domain).catch(() => '')).includes(sign)) return true;
        await sleep(50, undefined, { signal });
      }
    }
    return false;
  }

  /** Hot-plugged disks are virtio: IDE cannot be hot-plugged. */
  #volumeXml(disk: VolumeDisk, host: DomainHost): XmlElement {
    return diskXml({ ...disk, bus: disk.bus === 'ide' ? 'virtio' : disk.bus }, '', host);
  }

  /** An event is a hint: one of our own work may come late, so the guest itself is asked. */
  async #hear(event: DomainEvent): Promise<void> {
    const { uuid } = event.domain;
    if (!changesPower(event)) return;
    const state = await this.state(uuid).catch(() => null);
    if (!state || this.#known.get(uuid) === state.power) return;
    this.#known.set(uuid, state.power);
    this.#lifecycle.tell(uuid, state.power);
  }

  /** Tells what happened while nobody listened. */
  async #compare(): Promise<void> {
    for (const { id, power } of await this.list()) {
      const before = this.#known.get(id);
      this.#known.set(id, power);
      if (before !== undefined && before !== power) this.#lifecycle.tell(id, power);
    }
  }

  #domainHost(): Promise<DomainHost> {
    this.#host ??= this.#lookAround().catch((error: unknown) => {
      this.#host = undefined;
      throw error;
    });
    return this.#host;
  }

  async #lookAround(): Promise<DomainHost> {
    const { instancesPath, installation, usbTablet, vncKeymap, configDriveFormat } = this.#deps;
    return {
      virtType: this.acceleration.kvm ? 'kvm' : 'qemu',
      emulator: findProgram('qemu-system-x86_64') ?? '/usr/libexec/qemu-kvm',
      cacheMode: (await supportsDirectIo(instancesPath)) ? 'none' : 'writethrough',
      hostUuid: installation,
      libvirtVersion: await (await this.#connection.get()).libraryVersion(),
      usbTablet,
      vncKeymap,
      configDriveFormat,
      initiator: initiatorName(this.#deps.host),
    };
  }
}

/** The folder of a private libvirtd. */
export const libvirtFolder = (statePath: string): string => join(statePath, 'libvirt');

/** Where the serial console of a domain listens; undefined where it has none. */
function serialAddress(text: string): ConsoleEndpoint | undefined {
  const [, source = ''] = /<serial type='tcp'>\s*<source ([^>]*)>/.exec(text) ?? [];
  const [host, port] = [/host='([^']+)'/.exec(source)?.[1], /service='(\d+)'/.exec(source)?.[1]];
  return host === undefined || port === undefined ? undefined : { host, port: Number(port) };
}

const isOn = (power: PowerState): boolean => power === 'running' || power === 'paused' || power === 'suspended';

const domainOf = (spec: KeptSpec): Domain => ({ name: spec.name, uuid: spec.id, id: -1 });

async function stateOf(client: LibvirtClient, spec: KeptSpec): Promise<GuestState> {
  const { id, name } = spec;
  try {
    return { id, name, power: powerOf(await client.state(domainOf(spec))) };
  } catch (error) {
    if (error instanceof LibvirtError && error.code === NO_DOMAIN) return { id, name, power: 'shutdown' };
    throw error;
  }
}

const monitorOf = (client: LibvirtClient, spec: KeptSpec): Monitor => ({
  execute: (command, args = {}) => client.monitorCommand(domainOf(spec), command, args),
});

/** A guest that begins anew must never go back to the moment at which it was suspended: its disks have gone on. */
async function forgetMemory(client: LibvirtClient, spec: KeptSpec): Promise<void> {
  const saved = await client.hasManagedSave(domainOf(spec)).catch((error: unknown) => {
    if (error instanceof LibvirtError && error.code === NO_DOMAIN) return false;
    throw error;
  });
  if (saved) await client.removeManagedSave(domainOf(spec));
}

/** A domain that is not there, or not running, is what was wanted. */
async function unlessAbsent(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof LibvirtError) || (error.code !== NO_DOMAIN && error.code !== OPERATION_INVALID)) throw error;
  });
}

async function setSecrets(client: LibvirtClient, spec: KeptSpec): Promise<void> {
  for (const disk of spec.disks)
    if (disk.kind === 'volume' && disk.connection.type === 'iscsi' && disk.connection.password !== null)
      await client.setIscsiSecret(disk.volumeId, disk.connection.password);
}

/** Makes the driver; guests of a predecessor are adopted. */
export async function createLibvirtDriver(deps: DriverDeps): Promise<ComputeDriver> {
  const driver = new LibvirtDriver(deps);
  await driver.adopt();
  return driver;
}
