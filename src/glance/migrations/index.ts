import type { Migration } from 'kysely/migration';
import { images } from './0001-images.ts';
import { metadefsAndTasks } from './0002-metadefs-and-tasks.ts';
import { operations } from './0003-operations.ts';

/** In the order of their names; forward only. */
export const glanceMigrations: Readonly<Record<string, Migration>> = {
  '0001-images': images,
  '0002-metadefs-and-tasks': metadefsAndTasks,
  '0003-operations': operations,
};
