import type { FlavorSnapshot, ImageSnapshot } from '../servers/model.ts';

/** Every operation on a server: its kind in the journal → how the instance-actions API names it. */
export const operationActions = {
  'server.create': 'create',
  'server.delete': 'delete',
  'server.start': 'start',
  'server.stop': 'stop',
  'server.reboot': 'reboot',
  'server.pause': 'pause',
  'server.unpause': 'unpause',
  'server.suspend': 'suspend',
  'server.resume': 'resume',
  'server.rescue': 'rescue',
  'server.unrescue': 'unrescue',
  'server.resize': 'resize',
  'server.migrate': 'migrate',
  'server.confirm_resize': 'confirmResize',
  'server.revert_resize': 'revertResize',
  'server.live_migrate': 'live-migration',
  'server.evacuate': 'evacuate',
  'server.rebuild': 'rebuild',
  'server.create_image': 'createImage',
  'server.create_backup': 'createBackup',
  'server.shelve': 'shelve',
  'server.shelve_offload': 'shelveOffload',
  'server.unshelve': 'unshelve',
  'server.change_password': 'changePassword',
  'server.trigger_crash_dump': 'trigger_crash_dump',
  'server.soft_delete': 'delete',
  'server.restore': 'restore',
  'server.attach_interface': 'attach_interface',
  'server.detach_interface': 'detach_interface',
  'server.attach_volume': 'attach_volume',
  'server.detach_volume': 'detach_volume',
  'server.swap_volume': 'swap_volume',
  'server.extend_volume': 'extend_volume',
} as const;
export type OperationKind = keyof typeof operationActions;

/** What each is told; journalled, so never a secret. */
export interface OperationInputs {
  'server.create': ServerInput;
  'server.delete': ServerInput;
  'server.start': ServerInput;
  'server.stop': ServerInput;
  'server.reboot': ServerInput & { readonly type: 'soft' | 'hard' };
  'server.pause': ServerInput;
  'server.unpause': ServerInput;
  'server.suspend': ServerInput;
  'server.resume': ServerInput;
  'server.rescue': ServerInput & { readonly image: ImageSnapshot };
  'server.unrescue': ServerInput;
  'server.resize': MoveInput;
  'server.migrate': MoveInput;
  'server.confirm_resize': ServerInput & { readonly migrationId: string };
  'server.revert_resize': ServerInput & { readonly migrationId: string };
  'server.live_migrate': ServerInput & { readonly migrationId: string; readonly host: string | null };
  'server.evacuate': ServerInput & { readonly migrationId: string; readonly host: string | null };
  'server.rebuild': ServerInput & { readonly preserveEphemeral: boolean; readonly start: boolean };
  'server.create_image': ServerInput & SnapshotInput;
  'server.create_backup': ServerInput & SnapshotInput & { readonly backupType: string; readonly rotation: number };
  /** Without an image: the server has no disk of its own to keep. */
  'server.shelve': ServerInput & Partial<SnapshotInput>;
  'server.shelve_offload': ServerInput;
  'server.unshelve': ServerInput & { readonly host: string | null };
  'server.change_password': ServerInput;
  'server.trigger_crash_dump': ServerInput;
  'server.soft_delete': ServerInput;
  'server.restore': ServerInput;
  'server.attach_interface': ServerInput & {
    readonly portId: string | null;
    readonly networkId: string | null;
    readonly fixedIp: string | null;
    readonly tag: string | null;
  };
  'server.detach_interface': ServerInput & { readonly portId: string };
  /** `deviceId`: the row of the block device, which the API has made. */
  'server.attach_volume': ServerInput & { readonly deviceId: string };
  'server.detach_volume': ServerInput & { readonly deviceId: string };
  'server.swap_volume': ServerInput & { readonly deviceId: string; readonly newVolumeId: string };
  'server.extend_volume': ServerInput & { readonly volumeId: string };
}
export interface ServerInput {
  readonly serverId: string;
}
/** A move to another flavor, another host, or both. */
export interface MoveInput extends ServerInput {
  /** The migration's uuid: the server's old claim is held in this name. */
  readonly migrationId: string;
  readonly flavor: FlavorSnapshot;
  /** Only this host. */
  readonly host: string | null;
}
export interface SnapshotInput {
  /** Chosen by us: the image is made under it by the API, as the user. */
  readonly imageId: string;
  readonly format: 'qcow2' | 'raw';
}
