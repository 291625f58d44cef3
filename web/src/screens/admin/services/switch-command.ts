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

/** The same as the call that the console makes. @param url the owner's public URL */
export function disableCall(
  { owner, ownId, binary, host }: AnyService,
  reason: string,
  url: string,
): { readonly method: string; readonly url: string; readonly body: unknown } {
  const why = reason === '' ? {} : { disabled_reason: reason };
  if (owner === 'compute')
    return { method: 'PUT', url: `${url}/os-services/${ownId}`, body: { status: 'disabled', ...why } };
  if (owner === 'network')
    return { method: 'PUT', url: `${url}/agents/${ownId}`, body: { agent: { admin_state_up: false } } };
  return {
    method: 'PUT',
    url: `${url}/os-services/${reason === '' ? 'disable' : 'disable-log-reason'}`,
    body: { binary, host, ...why },
  };
}

/** Nova lets only nova-compute be switched. */
export const isFixed = ({ owner, binary }: AnyService): boolean => owner === 'compute' && binary !== 'nova-compute';
