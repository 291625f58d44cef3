import { switchAgent, switchComputeService, switchVolumeService } from '#api/services.ts';
import type { AnyService } from './every-service.ts';

export const serviceName = ({ binary, host }: AnyService): string => `${binary} · ${host}`;

/** Switches a daemon on or off for new work, by its owner's API. Neutron keeps no reason. @throws ApiFault */
export function switchService(
  { owner, ownId, binary, host }: AnyService,
  enabled: boolean,
  reason = '',
): Promise<void> {
  if (owner === 'compute') return switchComputeService(ownId, enabled, reason);
  if (owner === 'network') return switchAgent(ownId, enabled);
  return switchVolumeService(binary, host, enabled, reason);
}
