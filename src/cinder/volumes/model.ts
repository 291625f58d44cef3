import type { VolumeStatus } from './states.ts';

/** A volume; `host` is the back end that has it, null until one was chosen. */
export interface Volume {
  readonly num: number;
  readonly id: string;
  readonly projectId: string;
  readonly userId: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly status: VolumeStatus;
  readonly sizeGb: number;
  readonly host: string | null;
  readonly availabilityZone: string | null;
  readonly typeId: string | null;
  readonly snapshotId: string | null;
  readonly sourceVolumeId: string | null;
  readonly imageId: string | null;
  /** Properties of the image that it was made of; null without. */
  readonly imageMetadata: Readonly<Record<string, string>> | null;
  readonly bootable: boolean;
  readonly multiattach: boolean;
  readonly readonly: boolean;
  readonly encrypted: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  /** For administrators: `attached_mode`, `readonly`. */
  readonly adminMetadata: Readonly<Record<string, string>>;
  readonly providerLocation: string | null;
  /** A secret: never logged, never shown. */
  readonly providerAuth: string | null;
  readonly migrationStatus: string | null;
  readonly previousStatus: VolumeStatus | null;
  readonly groupId: string | null;
  readonly replicationStatus: string | null;
  /** Why it is in `error`: for people. */
  readonly fault: string | null;
  readonly launchedAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string | null;
  readonly deleted: boolean;
  readonly deletedAt: string | null;
}

/** `volume-<id>` by `volume_name_template`. */
export const nameInBackend = (template: string, id: string): string => template.replace('%s', id);
