import type { Migration } from '#common/db/database.ts';
import { initial } from './0001-initial.ts';

/** In order of application; forward only. */
export const migrations: Readonly<Record<string, Migration>> = { '0001_initial': initial };
