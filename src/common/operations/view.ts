import type { OperationFailure, StepRecord } from './operation.ts';
import type { ListedOperation } from './query.ts';
import { createVerdictView, type Verdict, type VerdictWords } from './verdicts.ts';

/** How a service shows its operations. */
export interface OperationWords extends VerdictWords {
  /** `server.create` → `server` */
  readonly typeOf: (kind: string) => string;
  /** What those may read of a failure who do not administer the cloud; the message itself unless given. */
  readonly tenantMessage?: (failure: OperationFailure) => string;
}

/** `2014-10-19T06:50:29.123456Z` */
const utc = (time: string | null): string | null => time && `${time}Z`;

const isVerdicts = (details: unknown): details is readonly Verdict[] =>
  Array.isArray(details) && details.every((one) => typeof one === 'object' && one !== null && 'filter' in one);

function detailsOf(details: unknown, words: OperationWords, named: boolean): unknown {
  if (isVerdicts(details)) {
    const judged = { passed: [], verdicts: details };
    return createVerdictView(words, named, [judged])(judged);
  }
  // Whatever else there is was written for administrators.
  return named ? (details ?? null) : null;
}

/** The step that runs, or is being taken back. */
const currentStep = ({ status, steps }: ListedOperation): string | null =>
  (status === 'undoing'
    ? steps.findLast((step) => step.status !== 'undone')
    : steps.find((step) => step.status === 'running')
  )?.name ?? null;

/**
 * Makes the function that shows operations.
 * @param named whether the caller may know hosts' names, and what only administrators read
 * @param names of resources, by id
 */
export function createOperationView(words: OperationWords, named: boolean, names: ReadonlyMap<string, string>) {
  const sayable = (failure: OperationFailure): string =>
    named ? failure.message : (words.tenantMessage?.(failure) ?? failure.message);
  const brief = (op: ListedOperation) => ({
    id: op.id,
    kind: op.kind,
    action: op.action,
    resource_id: op.resourceId,
    resource_type: words.typeOf(op.kind),
    resource_name: names.get(op.resourceId) ?? null,
    project_id: op.projectId,
    user_id: op.userId,
    request_id: op.requestId,
    status: op.status,
    step: currentStep(op),
    progress: {
      done: op.steps.filter((step) => step.status === 'succeeded').length,
      // What was never begun and has ended had nothing to do.
      total: op.total ?? (op.finishedAt === null ? null : op.steps.length),
    },
    started_at: utc(op.startedAt) as string,
    finished_at: utc(op.finishedAt),
    failure: op.failure && {
      step: op.failure.step,
      code: op.failure.code,
      message: sayable(op.failure),
      details: detailsOf(op.failure.details, words, named),
    },
  });
  const stepOf = (step: StepRecord, failure: OperationFailure | null) => ({
    name: step.name,
    status: step.status,
    started_at: utc(step.startedAt) as string,
    finished_at: utc(step.finishedAt),
    message: step.message !== null && failure?.message === step.message ? sayable(failure) : step.message,
  });
  return {
    brief,
    full: (op: ListedOperation) => ({ ...brief(op), steps: op.steps.map((step) => stepOf(step, op.failure)) }),
  };
}
