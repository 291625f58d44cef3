import { request } from './client.ts';

/** Switches a compute service on or off for new servers. */
export const switchComputeService = (id: string, enabled: boolean, reason: string): Promise<void> =>
  request('compute', `/os-services/${id}`, {
    method: 'PUT',
    body: enabled ? { status: 'enabled' } : { status: 'disabled', ...(reason !== '' && { disabled_reason: reason }) },
  });

/** Says that a compute host is certainly off, so that its servers may be evacuated at once; or takes that back. */
export const forceDown = (id: string, forced: boolean): Promise<void> =>
  request('compute', `/os-services/${id}`, { method: 'PUT', body: { forced_down: forced } });

/** Switches a Neutron agent on or off for new work. */
export const switchAgent = (id: string, enabled: boolean): Promise<void> =>
  request('network', `/agents/${id}`, { method: 'PUT', body: { agent: { admin_state_up: enabled } } });

/** Forgets a Neutron agent that is gone. */
export const deleteAgent = (id: string): Promise<void> => request('network', `/agents/${id}`, { method: 'DELETE' });

/** Switches a Cinder service on or off for new volumes. */
export const switchVolumeService = (binary: string, host: string, enabled: boolean, reason: string): Promise<void> =>
  request(
    'volume',
    enabled ? '/os-services/enable' : reason === '' ? '/os-services/disable' : '/os-services/disable-log-reason',
    {
      method: 'PUT',
      body: { binary, host, ...(!enabled && reason !== '' && { disabled_reason: reason }) },
    },
  );
