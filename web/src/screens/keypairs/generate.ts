import { privateKeyFile, publicLine, type PrivateJwk } from './openssh.ts';

export const algorithms = ['ed25519', 'rsa'] as const;
export type Algorithm = (typeof algorithms)[number];

export interface GeneratedKey {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Browsers make keys only for pages served by https or localhost. */
export const canGenerate = (): boolean => typeof crypto !== 'undefined' && 'subtle' in crypto;

const parameters: Readonly<Record<Algorithm, RsaHashedKeyGenParams | { readonly name: string }>> = {
  ed25519: { name: 'Ed25519' },
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 3072,
    publicExponent: Uint8Array.of(1, 0, 1),
    hash: 'SHA-256',
  },
};

/**
 * Makes a key pair in this browser: the private half never travels.
 * @throws DOMException `NotSupportedError` where the browser does not know the algorithm
 */
export async function generateKey(algorithm: Algorithm, comment: string): Promise<GeneratedKey> {
  const pair = (await crypto.subtle.generateKey(parameters[algorithm], true, ['sign', 'verify'])) as CryptoKeyPair;
  const jwk = (await crypto.subtle.exportKey('jwk', pair.privateKey)) as PrivateJwk;
  const [check = 0] = crypto.getRandomValues(new Uint32Array(1));
  return { publicKey: publicLine(jwk, comment), privateKey: privateKeyFile(jwk, comment, check) };
}
