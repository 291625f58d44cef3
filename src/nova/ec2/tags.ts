import { ApiError } from '#common/api/errors.ts';
import { done, type Ec2Action, type Ec2Call, type Ec2Deps } from './deps.ts';
import { invalidValue, missingParameter } from './errors.ts';
import { ec2Id, serverUuids } from './ids.ts';
import { serversOf } from './instances.ts';
import { filtered } from './params.ts';

/** Tags are servers' metadata; nothing else has any here, as in Icehouse. @throws Ec2Error */
async function tagged({ db }: Ec2Deps, { ctx, params }: Ec2Call): Promise<string[]> {
  const resources = params.list('ResourceId');
  if (resources.length === 0) throw missingParameter('resource_id and tag are required');
  if (resources.some((id) => !id.startsWith('i-'))) throw invalidValue('Only instances implemented');
  if (params.records('Tag').length === 0) throw missingParameter('resource_id and tag are required');
  return serverUuids(db, ctx, resources);
}

const createTags: Ec2Action = async (deps, call) => {
  const ids = await tagged(deps, call);
  const metadata = Object.fromEntries(
    call.params.records('Tag').map((tag) => [tag.required('Key'), tag.text('Value') ?? '']),
  );
  for (const id of ids) await deps.computeAs(call.ctx).json('POST', `/servers/${id}/metadata`, { metadata });
  return done;
};

const deleteTags: Ec2Action = async (deps, call) => {
  const ids = await tagged(deps, call);
  for (const id of ids) {
    const { metadata } = await deps.servers.show(call.ctx, id);
    for (const tag of call.params.records('Tag')) {
      const [key, value] = [tag.required('Key'), tag.text('Value')];
      // With a value only a tag that has it; what is not there need not be deleted.
      if (!(key in metadata) || (value !== null && metadata[key] !== value)) continue;
      await deps
        .computeAs(call.ctx)
        .json('DELETE', `/servers/${id}/metadata/${encodeURIComponent(key)}`)
        .catch((error: unknown) => {
          if (!(error instanceof ApiError) || error.status !== 404) throw error;
        });
    }
  }
  return done;
};

const describeTags: Ec2Action = async (deps, { ctx, params }) => {
  const servers = await serversOf(deps, ctx);
  const tags = servers.flatMap((server) =>
    Object.entries(server.metadata).map(([key, value]) => ({
      resourceId: ec2Id('i', server.num),
      resourceType: 'instance',
      key,
      value,
    })),
  );
  const names = { 'resource-id': 'resourceId', 'resource-type': 'resourceType', key: 'key', value: 'value' } as const;
  const tagSet = filtered(tags, params.filters(), (tag, name) =>
    Object.hasOwn(names, name) ? [tag[names[name as keyof typeof names]]] : null,
  );
  return { tagSet };
};

export const tagActions = {
  CreateTags: createTags,
  DeleteTags: deleteTags,
  DescribeTags: describeTags,
} satisfies Record<string, Ec2Action>;
