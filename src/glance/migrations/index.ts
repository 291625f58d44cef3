import type { Migration } from 'kysely/migration';
import { images } from './0001-images.ts';

/** In the order of their names; forward only. */
export const glanceMigrations: Readonly<Record<string, Migration>> = {
  '0001-images': images,
};
