/** Something that has a name in a domain. */
interface Named {
  readonly id: string;
  readonly name: string;
  readonly domain_id: string | null;
}

/**
 * What things are called: by name, with the domain where the name alone would leave a doubt (`web (acme)`); the id's beginning
 * for what is not among them (any more).
 */
export function makeNames(
  items: readonly Named[],
  domains: readonly { readonly id: string; readonly name: string }[],
): (id: string | null | undefined) => string {
  const count = new Map<string, number>();
  for (const { name } of items) count.set(name, (count.get(name) ?? 0) + 1);
  const domainName = new Map(domains.map(({ id, name }) => [id, name]));
  const byId = new Map(items.map((one) => [one.id, one]));
  return (id) => {
    if (id == null || id === '') return '–';
    const one = byId.get(id);
    if (!one) return id.slice(0, 8);
    const domain = one.domain_id === null ? undefined : (domainName.get(one.domain_id) ?? one.domain_id.slice(0, 8));
    return (count.get(one.name) ?? 0) > 1 && domain !== undefined ? `${one.name} (${domain})` : one.name;
  };
}
