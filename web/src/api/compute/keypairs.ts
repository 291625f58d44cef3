import { request } from '../client.ts';
import type { Resource } from '../resource.ts';

/** A key pair; its id is its name, with which Nova's paths name it. */
export interface Keypair {
  readonly id: string;
  readonly name: string;
  readonly type: 'ssh' | 'x509';
  readonly fingerprint: string;
  readonly public_key: string;
}
type Wire = { readonly keypair: Omit<Keypair, 'id'> };

export const keypairs: Resource<Keypair> = {
  kind: 'keypair',
  service: 'compute',
  async list(_reach, signal) {
    const body = await request<{ keypairs: Wire[] }>('compute', '/os-keypairs', { signal });
    return body.keypairs.map(({ keypair }) => ({ ...keypair, id: keypair.name }));
  },
};

/** Nova does not make keys any more (2.92); up to 2.91 it does. @returns the private half when Nova made the key */
export async function createKeypair(name: string, publicKey: string | null): Promise<string | null> {
  const body = await request<{ keypair: { private_key?: string } }>('compute', '/os-keypairs', {
    method: 'POST',
    body: { keypair: { name, type: 'ssh', ...(publicKey !== null && { public_key: publicKey }) } },
  });
  return body.keypair.private_key ?? null;
}

export const deleteKeypair = (name: string): Promise<void> =>
  request('compute', `/os-keypairs/${encodeURIComponent(name)}`, { method: 'DELETE' });
