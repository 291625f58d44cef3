import { join } from 'node:path';
import { StartupError, type DaemonEnv } from '#common/daemon.ts';
import { missingPrograms } from '#common/host/privileges.ts';
import type { DriverDeps } from '../virt/deps.ts';
import { ImageCache } from '../virt/disks/image-cache.ts';
import type { ComputeDriver } from '../virt/driver.ts';
import { chooseDriver, drivers, type DriverChoice } from '../virt/index.ts';
import { installationId } from '../virt/installation.ts';
import { findLibvirt } from '../virt/libvirt/connection.ts';
import { libvirtFolder } from '../virt/libvirt/libvirt-driver.ts';
import { parsePortRange, type SerialConsoles } from '../virt/serial.ts';
import { createHostVif } from '../virt/vif/host-vif.ts';
import { ovsConnection } from '../virt/vif/ovs-connection.ts';
import { noVif, type VifPlugger } from '../virt/vif/vif.ts';
import type { ComputeConfig } from './options.ts';

export type DriverEnv = Pick<DaemonEnv, 'run' | 'log' | 'clock' | 'host'>;

/** A driver with what it was made of. */
export interface OpenDriver {
  readonly place: DriverChoice;
  /** Its guests have disks made of images, and devices on the host's network. */
  readonly real: boolean;
  readonly installation: string;
  readonly cache: ImageCache;
  readonly vif: VifPlugger;
  readonly driver: ComputeDriver;
}

/**
 * The hypervisor that the configuration asks for, with the guests that it has.
 * @throws StartupError when what is asked for cannot be had on this machine
 */
export async function openDriver(env: DriverEnv, conf: ComputeConfig): Promise<OpenDriver> {
  const { state_path: statePath, instances_path: instancesPath } = conf.DEFAULT;
  const place = await choosePlace(conf, statePath);
  const installation = await installationId(statePath);
  const kit = await drivers[place.name]();
  const cache = new ImageCache({ instancesPath, host: env.host, run: env.run, clock: env.clock, log: env.log });
  const ovs = ovsConnection(join(conf.ovs.run_dir, 'db.sock'), env.log);
  const vif = kit.real ? createHostVif({ run: env.run, ovs, installation }) : noVif;
  const driver = await kit.create(driverDeps(env, conf, { installation, vif, cache }));
  return { place, real: kit.real, installation, cache, vif, driver };
}

/** @throws StartupError when what is asked for cannot be had on this machine */
async function choosePlace(conf: ComputeConfig, statePath: string): Promise<DriverChoice> {
  const { virt_type: virtType } = conf.libvirt;
  if (virtType !== 'kvm' && virtType !== 'qemu')
    throw new StartupError(
      `[libvirt] virt_type = ${virtType} is not supported. Use kvm, or qemu where there is no KVM.`,
    );
  const wanted = conf.DEFAULT.compute_driver;
  const missing = wanted === 'qemu' || wanted === 'libvirt' ? missingPrograms(['qemu-system-x86_64', 'qemu-img']) : [];
  if (missing.length > 0)
    throw new StartupError(
      `compute_driver = ${wanted} needs ${missing.join(' and ')}. Install them: apt-get install qemu-system-x86 qemu-utils.`,
    );
  if (wanted === 'libvirt') {
    const libvirt = await findLibvirt(libvirtFolder(statePath));
    if (libvirt.kind === 'none')
      throw new StartupError(
        `compute_driver = libvirt cannot be had: ${libvirt.reason}. Install libvirt-daemon-system, or set compute_driver = qemu.`,
      );
  }
  return chooseDriver(wanted, statePath);
}

/** @throws StartupError when the range of ports is none */
function serialConsoles({ serial_console: conf }: ComputeConfig): SerialConsoles | null {
  if (!conf.enabled) return null;
  try {
    return { listen: conf.listen, ports: parsePortRange(conf.port_range) };
  } catch (cause) {
    throw new StartupError(`[serial_console] port_range: ${(cause as Error).message}`, { cause });
  }
}

function driverDeps(
  env: DriverEnv,
  conf: ComputeConfig,
  made: Pick<DriverDeps, 'installation' | 'vif' | 'cache'>,
): DriverDeps {
  return {
    run: env.run,
    log: env.log,
    clock: env.clock,
    host: env.host,
    instancesPath: conf.DEFAULT.instances_path,
    statePath: conf.DEFAULT.state_path,
    virtType: conf.libvirt.virt_type === 'qemu' ? 'qemu' : 'kvm',
    configDriveFormat: conf.DEFAULT.config_drive_format,
    usbTablet: conf.DEFAULT.use_usb_tablet,
    vncKeymap: conf.DEFAULT.vnc_keymap,
    serial: serialConsoles(conf),
    ...made,
  };
}
