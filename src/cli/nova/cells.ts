import type { Command } from '../base/command.ts';
import type { NovaApi } from './api.ts';

interface Free {
  readonly total_mb: number;
  readonly units_by_mb: Readonly<Record<string, number>>;
}
interface Cell {
  readonly capacities: { readonly ram_free: Free; readonly disk_free: Free };
}

export const cellCommands: readonly Command<NovaApi>[] = [
  {
    name: 'cell-show',
    summary: 'Show details of a given cell.',
    arguments: [{ name: '<cell-name>', help: 'Name of the cell.' }],
    async run(api, given) {
      const path = `/os-cells/${encodeURIComponent(given.one('cell-name'))}`;
      api.printItem((await api.call<{ cell: Record<string, unknown> }>('GET', path)).cell);
    },
  },
  {
    name: 'cell-capacities',
    summary: 'Get cell capacities for all cells or a given cell.',
    arguments: [{ name: '--cell', value: '<cell-name>', help: 'Name of the cell to get the capacities.' }],
    async run(api, given) {
      const name = given.text('cell');
      const path = `/os-cells${name === undefined ? '' : `/${encodeURIComponent(name)}`}/capacities`;
      const { ram_free: ram, disk_free: disk } = (await api.call<{ cell: Cell }>('GET', path)).cell.capacities;
      api.shell.out(`Ram Available: ${ram.total_mb} MB\n`);
      api.printItem(ram.units_by_mb, 'Ram(MB)', 'Units');
      api.shell.out(`\nDisk Available: ${disk.total_mb} MB\n`);
      api.printItem(disk.units_by_mb, 'Disk(MB)', 'Units');
    },
  },
];
