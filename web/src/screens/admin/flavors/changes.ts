import type { Flavor } from '#api/compute/flavors.ts';

export interface Spec {
  readonly key: string;
  readonly value: string;
}

/** What of a flavor can be changed after it was made. */
export interface FlavorSettings {
  readonly description: string;
  readonly specs: readonly Spec[];
  /** Ids; of a private flavor. */
  readonly projects: readonly string[];
}

export const settingsOf = (flavor: Flavor, projects: readonly string[]): FlavorSettings => ({
  description: flavor.description ?? '',
  specs: Object.entries(flavor.extra_specs ?? {}).map(([key, value]) => ({ key, value })),
  projects,
});

/** One request, also as a command. */
export type Change =
  | { readonly what: 'describe'; readonly description: string | null }
  | { readonly what: 'set'; readonly specs: Readonly<Record<string, string>> }
  | { readonly what: 'unset'; readonly key: string }
  | { readonly what: 'allow' | 'forbid'; readonly project: string };

/** The requests that make `after` of `before`, in an order in which none can undo another. */
export function changesBetween(before: FlavorSettings, after: FlavorSettings): readonly Change[] {
  const changes: Change[] = [];
  if (before.description !== after.description)
    changes.push({ what: 'describe', description: after.description.trim() === '' ? null : after.description });
  const old = new Map(before.specs.map(({ key, value }) => [key, value]));
  const wanted = new Map(after.specs.filter(({ key }) => key !== '').map(({ key, value }) => [key.trim(), value]));
  for (const key of old.keys()) if (!wanted.has(key)) changes.push({ what: 'unset', key });
  const specs = Object.fromEntries([...wanted].filter(([key, value]) => old.get(key) !== value));
  if (Object.keys(specs).length > 0) changes.push({ what: 'set', specs });
  for (const project of before.projects)
    if (!after.projects.includes(project)) changes.push({ what: 'forbid', project });
  for (const project of after.projects)
    if (!before.projects.includes(project)) changes.push({ what: 'allow', project });
  return changes;
}

/** The key that is there twice. */
export function keyTwice(specs: readonly Spec[]): string | null {
  const keys = specs.map(({ key }) => key.trim()).filter((key) => key !== '');
  return keys.find((key, at) => keys.indexOf(key) !== at) ?? null;
}

/** Nova takes these characters in keys. */
export const badKey = (specs: readonly Spec[]): string | null =>
  specs.map(({ key }) => key.trim()).find((key) => key !== '' && !/^[\w:. -]{1,255}$/.test(key)) ?? null;
