import { commandLine } from '../../../ui/command-line.ts';
import type { AnyService } from './every-service.ts';

/** What disables a daemon by the openstack client. Neutron keeps no reason. */
export function disableCommand({ owner, ownId, binary, host }: AnyService, reason: string): string {
  if (owner === 'network') return commandLine(['openstack', 'network', 'agent', 'set', '--disable', ownId]);
  return commandLine(
    ['openstack', owner, 'service', 'set', '--disable'],
    reason !== '' && ['--disable-reason', reason],
    [host, binary],
  );
}

/** Nova lets only nova-compute be switched. */
export const isFixed = ({ owner, binary }: AnyService): boolean => owner === 'compute' && binary !== 'nova-compute';
