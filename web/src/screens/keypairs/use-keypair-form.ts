import { useMemo } from 'react';
import { createKeypair, keypairs } from '#api/compute/keypairs.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { textOf, useText } from '#i18n/catalogue.ts';
import { commandLine, shellWord, type Preview } from '#ui/command-preview.tsx';
import { useFields, type Fields } from '#ui/use-fields.ts';
import { canGenerate, generateKey, type Algorithm } from './generate.ts';
import { readPublicKey } from './public-key.ts';
import { keypairTexts } from './texts.ts';

export interface KeypairValues {
  readonly name: string;
  readonly way: 'generate' | 'paste' | 'upload';
  readonly text: string;
  readonly fileName: string;
  readonly algorithm: Algorithm;
  readonly byNova: boolean;
}

/** A pair that was made; the private half when it was made just now. */
export interface MadeKeypair {
  readonly name: string;
  readonly privateKey: string | null;
}

export interface KeypairForm {
  readonly fields: Fields<KeypairValues>;
  readonly refuse: string | null;
  readonly preview: Preview;
  /** @throws ApiFault; Error in the reader's language */
  readonly submit: () => Promise<MadeKeypair>;
}

/** Makes or takes over a key pair. */
export function useKeypairForm(): KeypairForm {
  const t = useText(keypairTexts);
  const fields = useFields<KeypairValues>({
    ...{ name: '', way: 'generate', text: '', fileName: '', algorithm: 'ed25519' },
    byNova: !canGenerate(),
  });
  const { values } = fields;
  const mine = useList(keypairs);
  const compute = useSignedIn().services.compute?.url ?? '';
  const reading = useMemo(() => readPublicKey(values.text), [values.text]);
  const { name, way, byNova } = values;

  const refuse = ((): string | null => {
    if (name === '') return t.noName;
    if (!/^[\w -]{1,255}$/.test(name) || name.trim() !== name) return t.badName;
    if (mine.data?.some((one) => one.name === name)) return t.nameTaken(name);
    return way === 'generate' || reading.refusal === null ? null : t.refusal(reading.refusal);
  })();

  const made = way === 'generate' && byNova;
  const called = name || 'NAME';
  const shown = reading.refusal === null ? reading.line : '…';
  const preview: Preview = {
    command: made
      ? `${commandLine('openstack keypair create', [called])} > ${shellWord(`${called}.pem`)}`
      : commandLine('openstack keypair create --public-key', [values.fileName || `${called}.pub`, called]),
    call: {
      method: 'POST',
      url: `${compute}/os-keypairs`,
      body: { keypair: { name, type: 'ssh', ...(!made && { public_key: way === 'generate' ? '…' : shown }) } },
    },
  };

  const submit = async (): Promise<MadeKeypair> => {
    if (way !== 'generate') {
      if (reading.refusal !== null) throw new Error(textOf(keypairTexts).refusal(reading.refusal));
      return { name, privateKey: await createKeypair(name, reading.line) };
    }
    if (byNova) return { name, privateKey: await createKeypair(name, null) };
    const pair = await generateKey(values.algorithm, name).catch((cause: unknown) => {
      throw new Error(textOf(keypairTexts).unsupported, { cause });
    });
    await createKeypair(name, pair.publicKey);
    return { name, privateKey: pair.privateKey };
  };
  return { fields, refuse, preview, submit };
}
