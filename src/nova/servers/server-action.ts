import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { novaFaults } from '#common/api/faults.ts';
import type { Call } from '#common/api/route.ts';
import { compileCheck, type Check } from '#common/api/validation.ts';
import { strict } from '../api/schemas.ts';
import type { ServerService } from './service.ts';

/** One key of `POST /servers/{id}/action`. */
export interface ServerAction {
  readonly name: string;
  readonly policy: string;
  /** First and last microversion. */
  readonly min?: string;
  readonly max?: string;
  readonly status: number;
  readonly schema: TSchema;
  readonly check: Check;
  readonly run: (servers: ServerService, call: ActionCall, input: unknown) => Promise<unknown>;
}
export type ActionCall = Call<{ id: string }, unknown, unknown>;

interface ActionSpec<S extends TSchema> {
  readonly name: string;
  readonly policy: string;
  readonly min?: string;
  readonly max?: string;
  readonly status?: number;
  readonly input: S;
  readonly run: (servers: ServerService, call: ActionCall, input: Static<S>) => Promise<unknown>;
}

/** Declares one action. */
export const action = <S extends TSchema>({ input, status = 202, run, ...rest }: ActionSpec<S>): ServerAction => ({
  ...rest,
  status,
  schema: input,
  check: compileCheck(strict({ [rest.name]: input }), 'body', novaFaults),
  run: run,
});
/** What is in the body does not matter. */
export const Nothing = Type.Unknown();

/** An action that has begun answers without a body. */
export const started = async (work: Promise<string>): Promise<undefined> => {
  await work;
  return undefined;
};
