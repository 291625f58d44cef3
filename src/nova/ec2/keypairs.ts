import { ApiError } from '#common/api/errors.ts';
import { done, type Ec2Action, type Ec2Call, type Ec2Deps } from './deps.ts';
import { Ec2Error, invalidValue } from './errors.ts';
import { filtered } from './params.ts';

const describeKeyPairs: Ec2Action = async (deps, { ctx, params }) => {
  const all = await deps.keypairs.list(ctx.userId ?? '');
  const asked = params.list('KeyName');
  const missing = asked.find((name) => !all.some((key) => key.name === name));
  if (missing !== undefined)
    throw new Ec2Error(404, 'InvalidKeyPair.NotFound', `Keypair ${missing} not found for user ${ctx.userId}`);
  const wanted = all.filter((key) => asked.length === 0 || asked.includes(key.name));
  const shown = filtered(wanted, params.filters(), (key, name) =>
    name === 'key-name' ? [key.name] : name === 'fingerprint' ? [key.fingerprint] : null,
  );
  return { keySet: shown.map((key) => ({ keyName: key.name, keyFingerprint: key.fingerprint })) };
};

/** @param publicKey null makes a pair */
async function make({ keypairs }: Ec2Deps, { ctx, params }: Ec2Call, publicKey: string | null) {
  const name = params.required('KeyName');
  if (!/^[\w -]{1,255}$/.test(name)) throw invalidValue('Keypair name contains unsafe characters');
  const made = await keypairs
    .create({ userId: ctx.userId ?? '', projectId: ctx.projectId ?? '', name, type: 'ssh', publicKey, api: 'v2' })
    .catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 409)
        throw new Ec2Error(409, 'InvalidKeyPair.Duplicate', `Key pair '${name}' already exists.`);
      if (error instanceof ApiError && error.status === 400)
        throw new Ec2Error(400, 'InvalidKeyPair.Format', error.message);
      throw error;
    });
  return {
    keyName: made.name,
    keyFingerprint: made.fingerprint,
    ...(made.privateKey !== undefined && { keyMaterial: made.privateKey }),
  };
}

const importKeyPair: Ec2Action = (deps, call) => {
  const material = call.params.required('PublicKeyMaterial');
  return make(deps, call, Buffer.from(material, 'base64').toString('utf8').trim());
};

const deleteKeyPair: Ec2Action = async ({ keypairs }, { ctx, params }) => {
  await keypairs.delete(ctx.userId ?? '', params.required('KeyName')).catch((error: unknown) => {
    // Amazon says true for a key that is not there, too.
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
  });
  return done;
};

export const keypairActions = {
  DescribeKeyPairs: describeKeyPairs,
  CreateKeyPair: (deps, call) => make(deps, call, null),
  ImportKeyPair: importKeyPair,
  DeleteKeyPair: deleteKeyPair,
} satisfies Record<string, Ec2Action>;
