import { customProperties, type Image } from '#clients/image.ts';
import { done, type Ec2Action, type Ec2Call, type Ec2Deps } from './deps.ts';
import { Ec2Error, invalidValue, missingParameter, whenMissing } from './errors.ts';
import { ec2Id, serverUuids, uuidOf } from './ids.ts';
import { filtered } from './params.ts';
import { numbersOf } from './rows.ts';
import type { Xml } from './xml.ts';

/** Glance's states in EC2's words. */
const states: Readonly<Record<string, string>> = { active: 'available', queued: 'pending', saving: 'pending' };
const kinds: Readonly<Record<string, readonly [string, string]>> = {
  aki: ['aki', 'kernel'],
  ari: ['ari', 'ramdisk'],
};
const kindOf = (image: Image): readonly [string, string] => kinds[image.container_format ?? ''] ?? ['ami', 'machine'];

async function allImages({ imageAs }: Ec2Deps, { ctx }: Ec2Call): Promise<Image[]> {
  const client = imageAs(ctx);
  const found: Image[] = [];
  for (let marker: string | null | undefined; marker !== null;) {
    const page = await client.list(marker === undefined ? {} : { marker });
    found.push(...page.images);
    marker = page.next;
  }
  return found;
}

async function views(deps: Ec2Deps, images: readonly Image[]) {
  const properties = new Map(images.map((image) => [image.id, customProperties(image)]));
  const parts = [...properties.values()].flatMap((one) => [one['kernel_id'], one['ramdisk_id']]);
  const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
  const numbers = await numbersOf(deps.db.query, 'image', [
    ...images.map((image) => image.id),
    ...parts.filter((part): part is string => part !== undefined && uuid.test(part)),
  ]);
  const idOf = (prefix: string, id: string | undefined): string | undefined => {
    const num = id === undefined ? undefined : numbers.get(id);
    return num === undefined ? undefined : ec2Id(prefix, num);
  };
  return images.map((image) => {
    const own = properties.get(image.id) ?? {};
    const [prefix, imageType] = kindOf(image);
    const volumeBacked = (own['block_device_mapping'] ?? '[]') !== '[]';
    return {
      imageId: idOf(prefix, image.id),
      kernelId: idOf('aki', own['kernel_id']),
      ramdiskId: idOf('ari', own['ramdisk_id']),
      imageOwnerId: own['owner_id'] ?? image.owner,
      imageLocation: `${own['image_location'] ?? 'None'} (${image.name ?? ''})`,
      imageState: states[image.status] ?? image.status,
      name: image.name,
      description: own['description'] ?? null,
      imageType,
      isPublic: image.visibility === 'public',
      architecture: own['architecture'] ?? null,
      rootDeviceName: own['root_device_name'] ?? '/dev/sda1',
      rootDeviceType: volumeBacked ? 'ebs' : 'instance-store',
    } satisfies Record<string, Xml | undefined>;
  });
}

const names = {
  'image-id': 'imageId',
  name: 'name',
  state: 'imageState',
  'image-type': 'imageType',
  'owner-id': 'imageOwnerId',
  'is-public': 'isPublic',
  architecture: 'architecture',
  description: 'description',
  'root-device-type': 'rootDeviceType',
  'root-device-name': 'rootDeviceName',
  'kernel-id': 'kernelId',
  'ramdisk-id': 'ramdiskId',
} as const;

const describeImages: Ec2Action = async (deps, call) => {
  const { ctx, params } = call;
  const asked = params.list('ImageId');
  const images =
    asked.length > 0
      ? await Promise.all(
          asked.map(async (id) =>
            deps
              .imageAs(ctx)
              .show(await uuidOf(deps.db, 'image', id))
              .catch(whenMissing('InvalidAMIID.NotFound', `Image ${id} could not be found.`)),
          ),
        )
      : await allImages(deps, call);
  const owners = params.list('Owner').map((owner) => (owner === 'self' ? (ctx.projectId ?? '') : owner));
  const shown = (await views(deps, images)).filter(
    (image) => owners.length === 0 || owners.includes(image.imageOwnerId ?? ''),
  );
  const imagesSet = filtered(shown, params.filters(), (image, name) => {
    if (!Object.hasOwn(names, name)) return null;
    const value = image[names[name as keyof typeof names]];
    return [value === undefined || value === null ? null : String(value)];
  });
  return { imagesSet };
};

const describeImageAttribute: Ec2Action = async (deps, { ctx, params }) => {
  const imageId = params.required('ImageId');
  const attribute = params.required('Attribute');
  const image = await deps
    .imageAs(ctx)
    .show(await uuidOf(deps.db, 'image', imageId))
    .catch(whenMissing('InvalidAMIID.NotFound', `Image ${imageId} could not be found.`));
  const [view] = await views(deps, [image]);
  const values: Readonly<Record<string, Xml>> = {
    launchPermission: image.visibility === 'public' ? [{ group: 'all' }] : [],
    rootDeviceName: { value: view?.rootDeviceName ?? null },
    kernel: { value: view?.kernelId ?? null },
    ramdisk: { value: view?.ramdiskId ?? null },
    description: { value: view?.description ?? null },
    blockDeviceMapping: [],
  };
  if (!Object.hasOwn(values, attribute))
    throw invalidValue(`Invalid value '${attribute}' for attribute: it is no attribute of an image.`);
  return { imageId, [attribute]: values[attribute] ?? null };
};

/** An image of a server as it is now. */
const createImage: Ec2Action = async (deps, { ctx, params }) => {
  const [id = ''] = await serverUuids(deps.db, ctx, [params.required('InstanceId')]);
  const description = params.text('Description');
  // From 2.45 on the answer's body names the image.
  const compute = deps.computeAs(ctx, '2.45');
  const made = await compute.json<{ image_id?: string } | undefined>('POST', `/servers/${id}/action`, {
    createImage: {
      name: params.required('Name'),
      ...(description !== null && { metadata: { description } }),
    },
  });
  if (made?.image_id === undefined) throw new Ec2Error(500, 'InternalError', 'The compute API did not name the image.');
  const numbers = await numbersOf(deps.db.query, 'image', [made.image_id]);
  return { imageId: ec2Id('ami', numbers.get(made.image_id) as number) };
};

/** Lets everybody use an image, or nobody else; and describes it. */
const modifyImageAttribute: Ec2Action = async (deps, { ctx, params }) => {
  const imageId = params.required('ImageId');
  const id = await uuidOf(deps.db, 'image', imageId);
  const [added, removed] = [
    params.text('LaunchPermission.Add.1.Group'),
    params.text('LaunchPermission.Remove.1.Group'),
  ];
  const operation = params.text('OperationType') ?? (added === null ? 'remove' : 'add');
  const group = params.text('UserGroup.1') ?? added ?? removed;
  const description = params.text('Description.Value');
  if (description === null && group === null) throw missingParameter('user or group not specified');
  if (group !== null && group !== 'all') throw invalidValue('only group "all" is supported');
  if (operation !== 'add' && operation !== 'remove') throw invalidValue('operation_type must be add or remove');
  await deps
    .imageAs(ctx)
    .update(id, [
      ...(group === null
        ? []
        : [{ op: 'replace' as const, path: '/visibility', value: operation === 'add' ? 'public' : 'private' }]),
      ...(description === null ? [] : [{ op: 'add' as const, path: '/description', value: description }]),
    ])
    .catch(whenMissing('InvalidAMIID.NotFound', `Image ${imageId} could not be found.`));
  return done;
};

const deregisterImage: Ec2Action = async (deps, { ctx, params }) => {
  const imageId = params.required('ImageId');
  await deps
    .imageAs(ctx)
    .delete(await uuidOf(deps.db, 'image', imageId))
    .catch(whenMissing('InvalidAMIID.NotFound', `Image ${imageId} could not be found.`));
  return { ...done, imageId };
};

export const imageActions = {
  DescribeImages: describeImages,
  DescribeImageAttribute: describeImageAttribute,
  ModifyImageAttribute: modifyImageAttribute,
  CreateImage: createImage,
  DeregisterImage: deregisterImage,
} satisfies Record<string, Ec2Action>;
