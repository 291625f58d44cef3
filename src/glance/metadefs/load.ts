import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#common/clock.ts';
import { isoMicros } from '#common/clock.ts';
import { StartupError } from '#common/daemon.ts';
import type { Database } from '#common/db/database.ts';
import type { GlanceTables } from '../tables.ts';
import { metadefBody } from './schema.ts';
import * as rows from './rows.ts';
import { contentsOfBody, settingsOfNamespace } from './wire.ts';

/** Who owns what is loaded from files. */
const owner = 'admin';

/**
 * Makes a namespace of each `.json` file of a folder, in the form of `POST /v2/metadefs/namespaces`. One that is there
 * stays as it is, unless `overwrite`.
 * @returns how many were made
 * @throws StartupError naming the file that is wrong; nothing of it is kept
 */
export async function loadMetadefs(
  { db, clock }: { readonly db: Database<GlanceTables>; readonly clock: Clock },
  folder: string,
  overwrite: boolean,
): Promise<number> {
  const files = await readdir(folder).catch((cause: unknown) => {
    throw new StartupError(`${folder} cannot be read: name a folder with files of metadata definitions.`, { cause });
  });
  let made = 0;
  for (const file of files.filter((name) => name.endsWith('.json')).sort()) {
    const path = join(folder, file);
    try {
      const body = metadefBody('namespace', JSON.parse(await readFile(path, 'utf8')));
      const settings = settingsOfNamespace(body, { projectId: owner });
      const contents = contentsOfBody(body);
      const now = isoMicros(clock.now());
      const before = await rows.findNamespace(db.query, settings.name);
      if (before && !overwrite) continue;
      await db.transaction(async (trx) => {
        if (before) await rows.deleteNamespace(trx, before.id);
        const id = await rows.insertNamespace(trx, settings, now);
        for (const one of contents.objects) await rows.insertDefinition(trx, id, 'object', one, now);
        for (const one of contents.properties) await rows.insertDefinition(trx, id, 'property', one, now);
        for (const one of contents.tags) await rows.insertDefinition(trx, id, 'tag', one, now);
        for (const one of contents.associations) await rows.insertAssociation(trx, id, one, now);
      });
      made++;
    } catch (cause) {
      throw new StartupError(`${path}: ${(cause as Error).message}`, { cause });
    }
  }
  return made;
}

/** Forgets all namespaces, or those named. @returns how many */
export async function unloadMetadefs(db: Database<GlanceTables>, names: readonly string[]): Promise<number> {
  const wanted = names.length > 0 ? names : await rows.namespaceNames(db.query);
  let gone = 0;
  for (const name of wanted) {
    const found = await rows.findNamespace(db.query, name);
    if (!found) continue;
    await db.transaction((trx) => rows.deleteNamespace(trx, found.id));
    gone++;
  }
  return gone;
}
