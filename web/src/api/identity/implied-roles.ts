import { request } from '../client.ts';

interface Reference {
  readonly id: string;
  readonly name: string;
}
/** Who has the prior role has the implied ones too. */
export interface Inference {
  readonly prior_role: Reference;
  readonly implies: readonly Reference[];
}

export const inferences = async (signal?: AbortSignal): Promise<readonly Inference[]> =>
  (await request<{ role_inferences: Inference[] }>('identity', '/role_inferences', { signal })).role_inferences;

/** @throws ApiFault 403 for a circle, or a role that may not be implied */
export const imply = (prior: string, implied: string): Promise<void> =>
  request('identity', `/roles/${prior}/implies/${implied}`, { method: 'PUT' });
export const implyNoMore = (prior: string, implied: string): Promise<void> =>
  request('identity', `/roles/${prior}/implies/${implied}`, { method: 'DELETE' });
