/** Every operation on a server: its kind in the journal → how the instance-actions API names it. */
export const operationActions = {
  'server.create': 'create',
  'server.delete': 'delete',
  'server.start': 'start',
  'server.stop': 'stop',
  'server.reboot': 'reboot',
  'server.pause': 'pause',
  'server.unpause': 'unpause',
  'server.attach_interface': 'attach_interface',
  'server.detach_interface': 'detach_interface',
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
  'server.attach_interface': ServerInput & {
    readonly portId: string | null;
    readonly networkId: string | null;
    readonly fixedIp: string | null;
    readonly tag: string | null;
  };
  'server.detach_interface': ServerInput & { readonly portId: string };
}
export interface ServerInput {
  readonly serverId: string;
}
