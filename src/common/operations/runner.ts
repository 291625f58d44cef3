import { isoMicros, type Clock } from '../clock.ts';
import type { Database, Queryable } from '../db/database.ts';
import type { Ids } from '../ids.ts';
import { withLogScope, type Logger } from '../telemetry/log.ts';
import type {
  AnyOperation,
  OperationDefinition,
  OperationFailure,
  StartOperation,
  Step,
  StepContext,
} from './operation.ts';
import * as rows from './rows.ts';
import type { OperationTables } from './tables.ts';

export interface OperationRunner {
  /**
   * Journals the operation and starts it in the background. Given a transaction, it is journalled together with the rows
   * that the request makes, and starts when `launch` is called after the commit.
   * @returns the operation's id
   */
  start<Input>(kind: string, start: StartOperation<Input>): Promise<string>;
  journal<Input>(kind: string, start: StartOperation<Input>, trx: Queryable<OperationTables>): Promise<string>;
  launch(): void;
  /** Runs what a crash or a stop interrupted, and what other processes journalled for this owner. */
  resume(): Promise<number>;
  /** Tells the running operation of a resource (a boot) that it is no longer wanted (a delete): it unwinds. */
  cancel(resourceId: string, reason: string): void;
  /** Resolves when nothing runs. */
  idle(): Promise<void>;
  /** Interrupts what runs; it is resumed at the next start. */
  stop(): Promise<void>;
}

export interface RunnerDeps {
  readonly db: Database<OperationTables>;
  /** `nova-conductor@host` */
  readonly owner: string;
  readonly definitions: readonly AnyOperation[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** Operations that run at once; 64 unless given. */
  readonly concurrency?: number;
}

type AnyDefinition = OperationDefinition<unknown, Record<string, unknown>>;

class Cancelled extends Error {}

export function createOperationRunner(deps: RunnerDeps): OperationRunner {
  const { db, owner, clock, ids, log, concurrency = 64 } = deps;
  const definitions = new Map(deps.definitions.map((one) => [one.kind, one as unknown as AnyDefinition]));
  const known = new Set<string>();
  const waiting: rows.StoredOperation[] = [];
  const busy = new Map<string, { readonly abort: AbortController; readonly cancellable: boolean }>();
  let running = 0;
  let stopped = false;
  let refreshing: Promise<number> | undefined;
  let refreshAgain = false;
  let onIdle: (() => void)[] = [];
  const now = (): string => isoMicros(clock.now());

  const pump = (): void => {
    while (!stopped && running < concurrency) {
      const next = waiting.findIndex((op) => !busy.has(op.resourceId));
      if (next < 0) break;
      const [op] = waiting.splice(next, 1) as [rows.StoredOperation];
      const abort = new AbortController();
      busy.set(op.resourceId, { abort, cancellable: definitions.get(op.kind)?.cancellable ?? true });
      running++;
      void withLogScope({ requestId: op.requestId }, () => execute(op, abort.signal))
        .catch((error: unknown) => {
          // The journal could not be written: the operation stays unfinished and is taken up at the next resume.
          if (!stopped) log.error(`Operation ${op.kind} of ${op.resourceId} was interrupted`, error);
        })
        .finally(() => {
          running--;
          known.delete(op.id);
          busy.delete(op.resourceId);
          pump();
        });
    }
    if (running === 0 && waiting.length === 0) {
      for (const wake of onIdle) wake();
      onIdle = [];
    }
  };

  const execute = async (op: rows.StoredOperation, signal: AbortSignal): Promise<void> => {
    const definition = definitions.get(op.kind);
    if (!definition) throw new Error(`No operation "${op.kind}" is defined: was it started by a newer version?`);
    let state = op.state;
    const context = (): StepContext<unknown, Record<string, unknown>> => ({
      operationId: op.id,
      input: op.input,
      state,
      requestId: op.requestId,
      signal,
      log,
    });
    const begun = await rows.stepRows(db.query, op.id);
    let failure = op.failure;
    if (op.status !== 'undoing') {
      if (op.status === 'pending') await rows.beginOperation(db.query, op.id, definition.steps.length);
      const done = new Set(begun.filter((step) => step.status === 'succeeded').map((step) => step.position));
      for (const [position, step] of definition.steps.entries()) {
        if (done.has(position)) continue;
        try {
          if (signal.aborted) throw signal.reason;
          await rows.beginStep(db.query, op.id, position, step.name, now());
          const result = await attempt(step, context, signal);
          state = { ...state, ...result };
          const after = state;
          await db.transaction(async (trx) => {
            await rows.saveState(trx, op.id, after);
            await rows.endStep(trx, op.id, position, 'succeeded', now(), null);
          });
        } catch (error) {
          if (stopped) return;
          failure = failureOf(step.name, error);
          log.warn(`Operation ${op.kind} of ${op.resourceId} failed in ${step.name}: ${failure.message}`, error);
          const reason = failure;
          await db.transaction(async (trx) => {
            await rows.endStep(trx, op.id, position, 'failed', now(), reason.message);
            await rows.setOperationStatus(trx, op.id, 'undoing', reason, null);
          });
          break;
        }
      }
    }
    if (failure === null) {
      await definition.succeeded?.(context());
      await rows.setOperationStatus(db.query, op.id, 'succeeded', null, now());
      return;
    }
    await undo(op, definition, context);
    await definition.failed?.(context(), failure);
    await rows.setOperationStatus(db.query, op.id, 'failed', failure, now());
  };

  /** In reverse, every step that has begun. An undo that fails is tried again for ever: giving up would leak. */
  const undo = async (
    op: rows.StoredOperation,
    definition: AnyDefinition,
    context: () => StepContext<unknown, Record<string, unknown>>,
  ): Promise<void> => {
    const begun = (await rows.stepRows(db.query, op.id)).filter((step) => step.status !== 'undone');
    for (const { position } of begun.reverse()) {
      const step = definition.steps[position];
      if (!step?.undo) continue;
      for (let pause = 200; ; pause = Math.min(pause * 2, 30_000)) {
        try {
          // A cancelled operation's signal is aborted already; its undo must run to the end all the same.
          await step.undo({ ...context(), signal: new AbortController().signal });
          break;
        } catch (error) {
          if (stopped) throw error;
          log.warn(`Undoing ${step.name} of ${op.resourceId} failed, trying again in ${pause} ms`, error);
          await sleep(pause);
          if (stopped) throw error;
        }
      }
      await rows.endStep(db.query, op.id, position, 'undone', now(), null);
    }
  };

  const attempt = async (
    step: Step<unknown, Record<string, unknown>>,
    context: () => StepContext<unknown, Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<Partial<Record<string, unknown>> | undefined> => {
    const deadline = clock.now().getTime() + (step.patienceMs ?? 300_000);
    for (let pause = 100; ; pause = Math.min(pause * 2, 5_000)) {
      try {
        return await step.run(context());
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (!step.transient?.(error) || clock.now().getTime() + pause > deadline) throw error;
        log.warn(`Step ${step.name} failed for now, trying again in ${pause} ms`, error);
        await sleep(pause, signal);
        if (signal.aborted) throw signal.reason;
      }
    }
  };

  const refresh = async (): Promise<number> => {
    let found = 0;
    do {
      refreshAgain = false;
      for (const op of await rows.unfinishedOperations(db.query, owner))
        if (!known.has(op.id)) {
          known.add(op.id);
          waiting.push(op);
          found++;
        }
    } while (refreshAgain && !stopped);
    pump();
    return found;
  };
  const resume = (): Promise<number> => {
    if (stopped) return Promise.resolve(0);
    if (refreshing) refreshAgain = true;
    return (refreshing ??= refresh().finally(() => (refreshing = undefined)));
  };
  const launch = (): void =>
    void resume().catch((error: unknown) => log.error('The journal of operations cannot be read', error));

  const journal: OperationRunner['journal'] = async (kind, start, trx) => {
    const definition = definitions.get(kind);
    if (!definition) throw new Error(`No operation "${kind}" is defined`);
    const id = ids.uuid();
    await rows.insertOperation(trx, { ...start, id, kind, action: definition.action, owner, now: now() });
    return id;
  };
  return {
    journal,
    launch,
    resume,
    async start(kind, start) {
      const id = await journal(kind, start, db.query);
      launch();
      return id;
    },
    cancel(resourceId, reason) {
      const running = busy.get(resourceId);
      if (running?.cancellable) running.abort.abort(new Cancelled(reason));
    },
    async idle() {
      await refreshing;
      if (running > 0 || waiting.length > 0) await new Promise<void>((resolve) => onIdle.push(resolve));
    },
    async stop() {
      stopped = true;
      waiting.length = 0;
      for (const { abort } of busy.values()) abort.abort(new Cancelled('The daemon stops'));
      if (running > 0) await new Promise<void>((resolve) => onIdle.push(resolve));
    },
  };
}

function failureOf(step: string, error: unknown): OperationFailure {
  const thrown = error as { status?: unknown; message?: unknown; details?: unknown } | null;
  return {
    step,
    code: typeof thrown?.status === 'number' ? thrown.status : 500,
    message: typeof thrown?.message === 'string' ? thrown.message : String(error),
    ...(thrown?.details !== undefined && { details: thrown.details }),
  };
}

const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
