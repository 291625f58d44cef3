import { sharedDatabase } from '#common/db/shared.ts';
import { novaMigrations } from './migrations/index.ts';
import type { NovaTables } from './tables.ts';

/** Opens Nova's database, brings its tables up to date, and gives it to every daemon of the process that asks for it. @throws StartupError */
export const openNovaDatabase = sharedDatabase<NovaTables>(novaMigrations);
