import type { Call } from '#common/api/route.ts';
import { attachmentsOfVolumes } from '../attachments/rows.ts';
import type { Kit } from '../api/kit.ts';
import { placeOf } from '../api/place.ts';
import { typesByIds } from '../types/rows.ts';
import type { Volume } from './model.ts';
import type { VolumeSight } from './view.ts';

/** Looks up once what the views of all volumes in an answer need: two queries, however many there are. */
export async function sightOf(
  kit: Kit,
  call: Call<unknown, unknown, unknown>,
  volumes: readonly Volume[],
): Promise<VolumeSight> {
  const { ctx, api, version } = call;
  const [types, attachments, services] = await Promise.all([
    typesByIds(
      kit.db.query,
      volumes.flatMap(({ typeId }) => typeId ?? []),
    ),
    attachmentsOfVolumes(
      kit.db.query,
      volumes.map(({ id }) => id),
    ),
    kit.directory.services(),
  ]);
  return {
    ...placeOf(kit, call),
    api,
    version,
    isAdmin: ctx.isAdmin,
    seesHost: kit.enforcer.allows('volume_extension:volume_host_attribute', ctx),
    seesMigration: kit.enforcer.allows('volume_extension:volume_mig_status_attribute', ctx),
    types,
    attachments,
    backendOf: (host) =>
      services.find((one) => one.binary === 'cinder-volume' && one.host === host?.split('#')[0]) ?? null,
  };
}
