import type { Clock } from '#common/clock.ts';
import type { Run } from '#common/host/run.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { ImageCache } from './disks/image-cache.ts';
import type { SerialConsoles } from './serial.ts';
import type { VifPlugger } from './vif/vif.ts';

/** What every driver is made of. A driver takes what it needs and leaves the rest. */
export interface DriverDeps {
  readonly run: Run;
  readonly log: Logger;
  readonly clock: Clock;
  /** This host's name, as Nova knows it. */
  readonly host: string;
  /** One folder per guest below it (`instances_path`). */
  readonly instancesPath: string;
  /** What a driver keeps for itself: a private libvirtd, the fake's guests. */
  readonly statePath: string;
  /** Which installation made a guest; guests of others are never touched. */
  readonly installation: string;
  /** `[libvirt] virt_type`; `kvm` falls back to `qemu` where the machine cannot. */
  readonly virtType: 'kvm' | 'qemu';
  readonly vif: VifPlugger;
  /** Where bases of disks are; shared with who downloads images. */
  readonly cache: ImageCache;
  readonly configDriveFormat: 'iso9660' | 'vfat';
  /** Absolute pointer in VNC. */
  readonly usbTablet: boolean;
  /** `vnc_keymap`: `en-us`. */
  readonly vncKeymap: string;
  /** `[serial_console]`; null: guests' serial ports only write their logs. */
  readonly serial: SerialConsoles | null;
}
