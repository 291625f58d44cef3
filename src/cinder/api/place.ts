import type { Call } from '#common/api/route.ts';
import type { CinderConfig } from '../config.ts';
import type { Place } from './links.ts';

/** Where links of an answer begin: what the client wrote, unless the operator has said where the API is. */
export const placeOf = (
  { conf }: { readonly conf: CinderConfig },
  { host, prefix }: Pick<Call<unknown, unknown, unknown>, 'host' | 'prefix'>,
): Place => ({ host: conf.DEFAULT.osapi_volume_base_URL?.replace(/\/+$/, '') ?? host, prefix });
