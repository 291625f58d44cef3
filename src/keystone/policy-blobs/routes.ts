import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import { extraOf } from '../api/extra.ts';
import { collection } from '../api/lists.ts';
import { CollectionLinks, open, SelfLink } from '../api/schemas.ts';
import type { Identity } from '../identity.ts';
import type { PolicyBlob } from './rows.ts';

const route = routesFor<Identity>();
const params = Type.Object({ policy_id: Type.String() });
const known = ['type', 'blob'];
const PolicyType = Type.String({ maxLength: 255 });
const CreatePolicy = Type.Object({ policy: Type.Object({ type: PolicyType, blob: Type.Unknown() }, open) }, open);
const UpdatePolicy = Type.Object(
  { policy: Type.Object({ type: Type.Optional(PolicyType), blob: Type.Optional(Type.Unknown()) }, open) },
  open,
);
const Body = Type.Object({ id: Type.String(), type: Type.String(), blob: Type.Unknown(), links: SelfLink }, open);
const PolicyAnswer = Type.Object({ policy: Body });
const PoliciesAnswer = Type.Object({ policies: Type.Array(Body), links: CollectionLinks });

/** @param host `http://host:port` */
const view = ({ id, type, blob, extra }: PolicyBlob, host: string) => ({
  ...extra,
  id,
  type,
  blob,
  links: { self: `${host}/v3/policies/${id}` },
});

export const policyBlobRoutes = [
  route({
    id: 'policies.list',
    summary: 'List policies',
    method: 'GET',
    path: '/policies',
    policy: 'identity:list_policies',
    status: 200,
    query: Type.Object({ type: Type.Optional(Type.String()) }, open),
    response: PoliciesAnswer,
    handle: async ({ policyBlobs }, call) => {
      const policies = await policyBlobs.list(call.query.type);
      return collection(
        call,
        'policies',
        policies.map((policy) => view(policy, call.host)),
      );
    },
  }),
  route({
    id: 'policies.create',
    summary: 'Keep a policy',
    method: 'POST',
    path: '/policies',
    policy: 'identity:create_policy',
    status: 201,
    body: CreatePolicy,
    response: PolicyAnswer,
    handle: async ({ policyBlobs }, { body: { policy: wanted }, host }) => {
      const { type, blob } = wanted;
      return { policy: view(await policyBlobs.create({ type, blob, extra: extraOf(wanted, known) }), host) };
    },
  }),
  route({
    id: 'policies.show',
    summary: 'Show a policy',
    method: 'GET',
    path: '/policies/:policy_id',
    policy: 'identity:get_policy',
    status: 200,
    params,
    response: PolicyAnswer,
    handle: async ({ policyBlobs }, { params, host }) => ({
      policy: view(await policyBlobs.get(params.policy_id), host),
    }),
  }),
  route({
    id: 'policies.update',
    summary: 'Change a policy',
    method: 'PATCH',
    path: '/policies/:policy_id',
    policy: 'identity:update_policy',
    status: 200,
    params,
    body: UpdatePolicy,
    response: PolicyAnswer,
    handle: async ({ policyBlobs }, { params, body: { policy: wanted }, host }) => {
      const patch = {
        ...(wanted.type !== undefined && { type: wanted.type }),
        ...(wanted.blob !== undefined && { blob: wanted.blob }),
        extra: extraOf(wanted, known),
      };
      return { policy: view(await policyBlobs.update(params.policy_id, patch), host) };
    },
  }),
  route({
    id: 'policies.delete',
    summary: 'Remove a policy',
    method: 'DELETE',
    path: '/policies/:policy_id',
    policy: 'identity:delete_policy',
    status: 204,
    params,
    handle: async ({ policyBlobs }, { params }) => {
      await policyBlobs.delete(params.policy_id);
      return undefined;
    },
  }),
];
