import { IconMapPin, IconMapPinOff, IconPlug, IconPlugConnected, IconPlugX, IconShieldLock } from '@tabler/icons-react';
import type { Server } from '#api/compute/servers.ts';
import type { ServiceKey } from '#api/client.ts';
import type { Action } from '#ui/action.tsx';
import { AssociateDialog } from '../dialogs/associate.tsx';
import { AttachInterfaceDialog } from '../dialogs/attach-interface.tsx';
import { AttachVolumeDialog } from '../dialogs/attach-volume.tsx';
import { DetachInterfaceDialog } from '../dialogs/detach-interface.tsx';
import { DetachVolumeDialog } from '../dialogs/detach-volume.tsx';
import { DisassociateDialog } from '../dialogs/disassociate.tsx';
import { SecurityGroupsDialog } from '../dialogs/security-groups.tsx';
import type { Tools } from '../use-tools.ts';
import { byForm } from './change-actions.tsx';

/** Volumes, interfaces, addresses: where the cloud has the services for them. */
export function attachActions(
  tools: Tools,
  services: Readonly<Partial<Record<ServiceKey, unknown>>>,
): readonly Action<Server>[] {
  const { t } = tools;
  const network = [
    { ...byForm(tools, 'associate', t.associate, IconMapPin, AssociateDialog), heading: t.attach },
    byForm(tools, 'disassociate', t.disassociate, IconMapPinOff, DisassociateDialog),
    byForm(tools, 'attachInterface', t.attachInterface, IconPlug, AttachInterfaceDialog),
    byForm(tools, 'detachInterface', t.detachInterface, IconPlugX, DetachInterfaceDialog),
    byForm(tools, 'securityGroups', t.securityGroups, IconShieldLock, SecurityGroupsDialog),
  ];
  const volume = [
    byForm(tools, 'attachVolume', t.attachVolume, IconPlugConnected, AttachVolumeDialog),
    byForm(tools, 'detachVolume', t.detachVolume, IconPlugX, DetachVolumeDialog),
  ];
  return [...(services['network'] ? network : []), ...(services['volume'] ? volume : [])];
}
