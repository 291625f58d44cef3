import type { Given } from './arguments.ts';
import type { Command } from './command.ts';
import type { Shell } from './shell.ts';
import { drawTable } from './table.ts';

/** An operation of the journal, as `os-operations` shows it. */
interface Operation {
  readonly id: string;
  readonly action: string;
  readonly resource_id: string;
  readonly resource_name: string | null;
  readonly request_id: string;
  readonly user_id: string | null;
  readonly status: string;
  readonly step: string | null;
  readonly progress: { readonly done: number; readonly total: number | null };
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly failure: {
    readonly step: string;
    readonly message: string;
    readonly details: readonly { readonly host: string; readonly filter: string; readonly reason: string }[] | null;
  } | null;
}
interface Step {
  readonly name: string;
  readonly status: string;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly message: string | null;
}

/** What both clients have. */
interface Api {
  readonly shell: Shell;
  call<T>(method: 'GET', path: string): Promise<T>;
}

const states = ['active', 'pending', 'running', 'undoing', 'succeeded', 'failed'];
const progress = ({ done, total }: Operation['progress']): string => (total === null ? '-' : `${done}/${total}`);
const seconds = (time: string | null): string => (time === null ? '-' : time.replace(/\.\d+Z$/, 'Z'));

async function list(api: Api, given: Given): Promise<void> {
  const query = new URLSearchParams({ limit: given.text('limit') ?? '50' });
  if (given.has('all-tenants') && given.text('all-tenants') !== '0') query.set('all_projects', '1');
  for (const [option, name] of [
    ['status', 'status'],
    ['resource', 'resource_id'],
  ] as const) {
    const value = given.text(option);
    if (value !== undefined) query.set(name, value);
  }
  const { operations } = await api.call<{ operations: Operation[] }>('GET', `/os-operations?${query}`);
  const columns = ['ID', 'Action', 'Resource', 'Status', 'Step', 'Progress', 'Started', 'Finished'];
  const rows = operations.map((one) => [
    ...[one.id, one.action, one.resource_name ?? one.resource_id, one.status, one.step ?? '-', progress(one.progress)],
    ...[seconds(one.started_at), seconds(one.finished_at)],
  ]);
  api.shell.out(drawTable({ columns, rows }));
}

async function show(api: Api, given: Given): Promise<void> {
  const path = `/os-operations/${encodeURIComponent(given.one('id'))}`;
  const { operation } = await api.call<{ operation: Operation & { readonly steps: readonly Step[] } }>('GET', path);
  const { failure } = operation;
  const properties = [
    ['id', operation.id],
    ['action', operation.action],
    ['resource_id', operation.resource_id],
    ['resource_name', operation.resource_name ?? '-'],
    ['status', operation.status],
    ['progress', progress(operation.progress)],
    ['request_id', operation.request_id],
    ['user_id', operation.user_id ?? '-'],
    ['failure', failure === null ? '-' : `${failure.step}: ${failure.message}`],
  ];
  api.shell.out(drawTable({ columns: ['Property', 'Value'], rows: properties }));
  const steps = operation.steps.map((step) => [
    ...[step.name, step.status, seconds(step.started_at), seconds(step.finished_at), step.message ?? '-'],
  ]);
  api.shell.out(drawTable({ columns: ['Step', 'Status', 'Started', 'Finished', 'Message'], rows: steps }));
  if (Array.isArray(failure?.details))
    api.shell.out(
      drawTable({
        columns: ['Host', 'Filter', 'Reason'],
        rows: failure.details.map(({ host, filter, reason }) => [host, filter, reason]),
      }),
    );
}

/** `operation-list` and `operation-show`, the same for every service that has a journal. They are Igloo's own. */
export const operationCommands: readonly Command<Api>[] = [
  {
    name: 'operation-list',
    summary: 'List what is, and was, being done, newest first (an addition of Igloo).',
    arguments: [
      { name: '--status', value: '<status>', choices: states, help: 'Only those in this status.' },
      { name: '--resource', value: '<id>', help: 'Only those on the resource of this ID.' },
      { name: '--limit', value: '<number>', type: 'int', help: 'How many to show (default: 50).' },
      {
        name: '--all-tenants',
        value: '<0|1>',
        count: 'optional',
        type: 'int',
        help: 'Display information from all tenants (Admin only).',
      },
    ],
    run: list,
  },
  {
    name: 'operation-show',
    summary: 'Show an operation, step by step (an addition of Igloo).',
    arguments: [{ name: '<id>', help: 'ID of the operation.' }],
    run: show,
  },
];
