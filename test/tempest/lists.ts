import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Options } from './options.ts';

export interface WantedTest {
  /** Tempest's id, without the list of attributes in brackets. */
  readonly id: string;
  /** By what results are summed up: the capability of the official lists, the service of the others. */
  readonly group: string;
  /** What a real OpenStack of 2022 gives: `passed`, `failed`, `skipped`, `not-run`; null where the list does not say. */
  readonly reference: string | null;
}

const files = { icehouse: 'powered-icehouse.tsv', '2020.06': 'powered-2020.06.tsv', api: 'zed.tsv' } as const;

export const shortId = (id: string): string => id.replace(/\[.*$/, '');

/** The tests that the options ask for, in the list's order. */
export async function readList({ list, only }: Pick<Options, 'list' | 'only'>): Promise<readonly WantedTest[]> {
  const text = await readFile(join(import.meta.dirname, 'lists', files[list]), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [written = '', value = ''] = line.split('\t');
      const id = shortId(written);
      return list === 'api'
        ? { id, group: id.split('.')[2] ?? '', reference: value }
        : { id, group: value, reference: null };
    })
    .filter(({ id }) => only?.test(id) ?? true);
}
