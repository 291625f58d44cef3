/**
 * Operations: work that takes longer than a request, as named steps that survive a `kill -9`.
 *
 * A step is journalled before it runs and after it ended, with its result. After a restart the owner resumes an
 * operation at the step that was running, so every step must be safe to run again ("make it so", not "do it").
 * When a step fails for good, the undo of every step that has begun runs in reverse order, then `failed` decides the
 * resource's final state. The same rows are the API's instance actions and the explanation of failures.
 */
import type { Logger } from '../telemetry/log.ts';

/** What a step works with. */
export interface StepContext<Input, State> {
  readonly operationId: string;
  readonly input: Input;
  /** Results of the steps before, merged. */
  readonly state: Readonly<Partial<State>>;
  readonly requestId: string;
  /** Aborted when the daemon stops or the operation is cancelled: stop soon, keep what is done. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

export interface Step<Input, State> {
  /** As events are named in the instance-actions API: `compute_spawn`. */
  readonly name: string;
  /** Idempotent. What it returns is merged into the state and kept. */
  readonly run: (op: StepContext<Input, State>) => Promise<Partial<State> | undefined>;
  /** Idempotent; also called when `run` was interrupted half way or never seen to end. */
  readonly undo?: (op: StepContext<Input, State>) => Promise<void>;
  /** Whether a failure may pass by itself (a daemon restarting, a broker away): it is then tried again. Never unless given. */
  readonly transient?: (error: unknown) => boolean;
  /** Milliseconds during which transient failures are tried again; 300 000 unless given. */
  readonly patienceMs?: number;
}

export interface OperationDefinition<Input, State> {
  /** `server.create` */
  readonly kind: string;
  /** As the API names the action: `create`. */
  readonly action: string;
  readonly steps: readonly Step<Input, State>[];
  /** False: `cancel` leaves it alone, whatever comes after it (a delete always ends in deleted). True unless given. */
  readonly cancellable?: boolean;
  /** After the last step. Idempotent. */
  readonly succeeded?: (op: StepContext<Input, State>) => Promise<void>;
  /** After all undos: put the resource into its final state, with the reason. Idempotent. */
  readonly failed?: (op: StepContext<Input, State>, error: OperationFailure) => Promise<void>;
}

/** Why an operation failed, as kept in the journal and shown to the user. */
export interface OperationFailure {
  /** The step it failed in. */
  readonly step: string;
  /** HTTP-like code of the fault: 500 unless the error has a `status`. */
  readonly code: number;
  readonly message: string;
  /** Structured reasons, such as every filter's verdict for every host. */
  readonly details?: unknown;
}

export interface StartOperation<Input> {
  readonly input: Input;
  /** The server's, volume's … id: at most one operation runs per resource; a second waits its turn. */
  readonly resourceId: string;
  readonly requestId: string;
  readonly projectId: string | null;
  readonly userId: string | null;
}

export type OperationStatus = 'pending' | 'running' | 'undoing' | 'succeeded' | 'failed';

export interface OperationRecord {
  readonly id: string;
  readonly kind: string;
  readonly action: string;
  readonly resourceId: string;
  readonly requestId: string;
  readonly projectId: string | null;
  readonly userId: string | null;
  readonly status: OperationStatus;
  readonly failure: OperationFailure | null;
  /** `YYYY-MM-DDThh:mm:ss.ffffff` */
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly steps: readonly StepRecord[];
}

export interface StepRecord {
  readonly name: string;
  readonly status: 'running' | 'succeeded' | 'failed' | 'undone';
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly message: string | null;
}

/** A definition with its types erased: the runner only hands each its own journalled values back. */
export type AnyOperation = OperationDefinition<never, never>;

/** Erases a definition's types for a runner's list. */
export const anyOperation = <Input, State>(definition: OperationDefinition<Input, State>): AnyOperation =>
  definition as unknown as AnyOperation;
