import type { Flavor } from '#api/compute/flavors.ts';
import type { FlavorFit } from '#api/compute/launch.ts';
import { diskNeeded, type Choices } from './choices.ts';
import { isOver, isRefused, type Standing } from './fit.ts';
import { MAX_COUNT, type LaunchForm } from './form.ts';
import { encodeUserData, USER_DATA_LIMIT } from './user-data.ts';

/** What keeps a launch from being sent; words are in the texts. */
export type Block =
  | { readonly what: 'name' | 'name-long' | 'image' | 'volume' | 'snapshot' | 'flavor' | 'one-volume' | 'user-data' }
  | { readonly what: 'count'; readonly most: number }
  | { readonly what: 'volume-size'; readonly least: number }
  | { readonly what: 'one-address' | 'key-twice' | 'address'; readonly value: string }
  | { readonly what: 'quota'; readonly standing: Standing }
  | { readonly what: 'fit'; readonly fit: FlavorFit };

export interface Situation {
  readonly form: LaunchForm;
  readonly choices: Choices;
  readonly flavor: Flavor | null;
  readonly fit: FlavorFit | undefined;
  readonly standings: readonly Standing[];
}

/** In the order of the page. */
export function blocksOf(situation: Situation): readonly Block[] {
  const { form, flavor, fit } = situation;
  const blocks: Block[] = [];
  const name = form.name.trim();
  if (name === '') blocks.push({ what: 'name' });
  // Numbering makes it longer.
  if (name.length + (form.count > 1 ? `-${form.count}`.length : 0) > 255) blocks.push({ what: 'name-long' });
  if (!Number.isInteger(form.count) || form.count < 1 || form.count > MAX_COUNT)
    blocks.push({ what: 'count', most: MAX_COUNT });
  blocks.push(...sourceBlocks(situation));
  if (!flavor) blocks.push({ what: 'flavor' });
  blocks.push(...networkBlocks(situation));
  if (encodeUserData(form.userData).length > USER_DATA_LIMIT) blocks.push({ what: 'user-data' });
  const keys = form.metadata.map(({ key }) => key).filter((key) => key !== '');
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  if (twice !== undefined) blocks.push({ what: 'key-twice', value: twice });
  const over = situation.standings.filter(isOver);
  blocks.push(...over.map((standing): Block => ({ what: 'quota', standing })));
  const others = fit?.reasons.filter(
    ({ kind, resource }) => kind === 'image' || !over.some((standing) => standing.resource === resource),
  );
  if (fit && others && others.length > 0 && isRefused({ ...fit, reasons: others }))
    blocks.push({ what: 'fit', fit: { ...fit, reasons: others } });
  return blocks;
}

function sourceBlocks({ form, choices }: Situation): Block[] {
  const { image, volume, snapshot, volumeSize } = choices;
  if (form.source === 'volume')
    return [
      ...(volume ? [] : [{ what: 'volume' } as const]),
      ...(form.count > 1 ? [{ what: 'one-volume' } as const] : []),
    ];
  if (form.source === 'snapshot' ? !snapshot : !image)
    return [{ what: form.source === 'snapshot' ? 'snapshot' : 'image' }];
  if (form.source === 'image') return [];
  const least = form.source === 'snapshot' ? (snapshot?.size ?? 1) : image ? Math.max(1, diskNeeded(image)) : 1;
  return volumeSize === null || volumeSize < least ? [{ what: 'volume-size', least }] : [];
}

function networkBlocks({ form, choices: { networks } }: Situation): Block[] {
  return networks.flatMap((one): Block[] => {
    if (one.kind === 'port') return form.count > 1 ? [{ what: 'one-address', value: one.id }] : [];
    const ip = one.fixedIp.trim();
    if (ip === '') return [];
    if (!/^[0-9a-fA-F:.]{2,45}$/.test(ip) || !/[.:]/.test(ip)) return [{ what: 'address', value: ip }];
    return form.count > 1 ? [{ what: 'one-address', value: ip }] : [];
  });
}
