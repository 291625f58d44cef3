import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { actionBody } from '#common/api/action-body.ts';
import { badRequest, forbidden } from '#common/api/errors.ts';
import { cinderFaults } from '#common/api/faults.ts';
import { routesFor, type AnyRoute, type Call, type VersionRange } from '#common/api/route.ts';
import { compileCheck, type Check } from '#common/api/validation.ts';
import { ApiVersion } from '#common/api/version.ts';
import type { Kit } from './kit.ts';
import { IdParams, strict } from './schemas.ts';

export type ActionCall = Call<{ id: string }, unknown, unknown>;

/** One key of `POST /<resource>/{id}/action`. */
export interface ResourceAction<S> {
  readonly name: string;
  readonly policy: string;
  readonly versions: VersionRange;
  readonly status: number;
  readonly schema: TSchema;
  readonly check: Check;
  readonly run: (service: S, call: ActionCall, input: unknown) => Promise<unknown>;
}

interface ActionSpec<S, I extends TSchema> {
  readonly name: string;
  readonly policy: string;
  readonly min?: string;
  readonly max?: string;
  readonly apis?: readonly string[];
  /** 202 unless given. */
  readonly status?: number;
  /** What stands under the name; anything unless given. */
  readonly input?: I;
  readonly run: (service: S, call: ActionCall, input: Static<I>) => Promise<unknown>;
}

/** `const action = actionsFor<VolumeService>()` */
export const actionsFor =
  <S>() =>
  <I extends TSchema = TSchema>({
    name,
    policy,
    min,
    max,
    apis,
    status = 202,
    input,
    run,
  }: ActionSpec<S, I>): ResourceAction<S> => ({
    name,
    policy,
    versions: { ...(min && { min }), ...(max && { max }), ...(apis && { apis }) },
    status,
    schema: input ?? Type.Unknown(),
    check: compileCheck(strict({ [name]: input ?? Type.Unknown() }), 'body', cinderFaults),
    run: run,
  });

const reaches = ({ min, max, apis }: VersionRange, api: string, version: ApiVersion): boolean =>
  (!apis || apis.includes(api)) &&
  (!min || version.compare(ApiVersion.of(min)) >= 0) &&
  (!max || version.compare(ApiVersion.of(max)) <= 0);

/** The route under which a resource's actions are. */
export function actionRoute<S>(spec: {
  readonly id: string;
  readonly summary: string;
  readonly path: string;
  readonly versions?: VersionRange;
  readonly kitOf: (service: S) => Kit;
  readonly actions: readonly ResourceAction<S>[];
}): AnyRoute<S> {
  const { id, summary, path, versions, kitOf, actions } = spec;
  return routesFor<S>()({
    id,
    summary: `${summary}: ${actions.map((action) => action.name).join(', ')}`,
    method: 'POST',
    path,
    ...(versions && { versions }),
    // Each action has its own rule; this one only keeps out who has no project.
    policy: 'admin_or_owner',
    status: 202,
    params: IdParams,
    body: actionBody(actions),
    handle: async (service, call) => {
      const names = Object.keys(call.body);
      const action = actions.find((one) => names.includes(one.name) && reaches(one.versions, call.api, call.version));
      if (!action || names.length !== 1)
        throw badRequest(
          `There is no such action: ${names[0] ?? 'None'}. Verify the request body and Content-Type header and try again.`,
        );
      if (!kitOf(service).enforcer.allows(action.policy, call.ctx))
        throw forbidden(`Policy doesn't allow ${action.policy} to be performed.`);
      const invalid = action.check(call.body);
      if (invalid) throw invalid;
      call.reply.status(action.status);
      return action.run(service, call, call.body[action.name]);
    },
  });
}
