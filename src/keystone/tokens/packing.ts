import type { Delegation, Scope, TokenPayload } from './payload.ts';

/**
 * A token's payload in few bytes (about 70), so that Fernet tokens stay under the 255 characters that HTTP headers,
 * memcached keys and old databases take: ids of 32 hex digits as 16 bytes, methods as bits.
 */
const layout = 1;
/** The same with a delegation at the end. */
const delegatedLayout = 2;
const methodBits = [
  'password',
  'token',
  'external',
  'totp',
  'application_credential',
  'oauth1',
  'ec2credential',
] as const;
const delegations: readonly Delegation['kind'][] = ['trust', 'application_credential', 'oauth1'];
const scopeKinds = ['unscoped', 'project', 'domain', 'system'] as const;
const hexId = /^[0-9a-f]{32}$/;

/** A byte of length (0 for 16 bytes of hex), then the bytes. */
function packId(id: string): Buffer {
  if (hexId.test(id)) return Buffer.concat([Buffer.of(0), Buffer.from(id, 'hex')]);
  const text = Buffer.from(id);
  return Buffer.concat([Buffer.of(text.length), text]);
}

function packTime(milliseconds: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(milliseconds, 0, 6);
  return bytes;
}

export function pack(payload: TokenPayload): Buffer {
  const { scope, methods, auditIds, delegation } = payload;
  const bits = methodBits.reduce((sum, method, bit) => sum + (methods.includes(method) ? 1 << bit : 0), 0);
  return Buffer.concat([
    Buffer.of(delegation ? delegatedLayout : layout, bits, scopeKinds.indexOf(scope.kind), auditIds.length),
    packTime(payload.issuedAt),
    packTime(payload.expiresAt),
    ...auditIds.map((id) => Buffer.from(id, 'base64url')),
    packId(payload.userId),
    ...('id' in scope ? [packId(scope.id)] : []),
    ...(delegation ? [Buffer.of(delegations.indexOf(delegation.kind)), packId(delegation.id)] : []),
  ]);
}

/** @returns null for bytes of another layout */
export function unpack(bytes: Buffer): TokenPayload | null {
  const [first, bits = 0, kindNumber = 0, audits = 1] = bytes;
  if (first !== layout && first !== delegatedLayout) return null;
  let at = 16;
  const take = (length: number): Buffer => bytes.subarray(at, (at += length));
  const takeId = (): string => {
    const length = take(1)[0] ?? 0;
    return length === 0 ? take(16).toString('hex') : take(length).toString();
  };
  const auditIds = Array.from({ length: audits }, () => take(16).toString('base64url'));
  const userId = takeId();
  const kind = scopeKinds[kindNumber] ?? 'unscoped';
  const scope: Scope = kind === 'project' || kind === 'domain' ? { kind, id: takeId() } : { kind };
  const right = first === delegatedLayout ? delegations[take(1)[0] ?? 0] : undefined;
  return {
    userId,
    methods: methodBits.filter((_method, bit) => bits & (1 << bit)),
    auditIds: auditIds as [string, ...string[]],
    issuedAt: bytes.readUIntBE(4, 6),
    expiresAt: bytes.readUIntBE(10, 6),
    scope,
    ...(right && { delegation: { kind: right, id: takeId() } }),
  };
}
