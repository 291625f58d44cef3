import { sharedDatabase } from '#common/db/shared.ts';
import { cinderMigrations } from './migrations/index.ts';
import type { CinderTables } from './tables.ts';

/** Opens Cinder's database, brings its tables up to date, and gives it to every daemon of the process that asks for it. @throws StartupError */
export const openCinderDatabase = sharedDatabase<CinderTables>(cinderMigrations);
