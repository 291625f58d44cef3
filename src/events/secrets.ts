/** Names of what nobody but its owner may read, wherever it stands in a payload. */
const secret =
  /pass(word|wd|phrase)?$|_pass$|^adminpass|secret|token|private_?key|key_data$|user_?data|connection_info|provider_auth|^auth_|_auth$|auth_?key|credential|personality|injected_files|^blob$|salt$|_hash$/i;

/** Deeper than any payload of ours. */
const deepest = 8;

/** A payload without the values of what looks like a secret by its name. */
export function withoutSecrets(payload: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return scrub(payload, 0) as Readonly<Record<string, unknown>>;
}

function scrub(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) return '***';
  if (Array.isArray(value)) return value.map((item) => scrub(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      item !== null && secret.test(name) && typeof item !== 'boolean' ? '***' : scrub(item, depth + 1),
    ]),
  );
}
