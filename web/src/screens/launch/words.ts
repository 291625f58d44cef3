import type { FitReason } from '#api/compute/launch.ts';
import type { Format } from '#i18n/format.ts';
import type { launchTexts } from './texts.ts';
import type { Block } from './blocks.ts';
import type { Standing } from './fit.ts';

type Texts = (typeof launchTexts)['en'];

/** An amount of a quota's resource, as people read it. */
export const amountOf = (resource: string, value: number, format: Format): string =>
  resource === 'ram'
    ? format.mib(value)
    : resource === 'gigabytes' || resource === 'disk'
      ? format.gib(value)
      : format.number(value);

const quotaWords = (
  { resource, used, needed, limit }: Omit<Standing, 'resource'> & { readonly resource: string },
  t: Texts,
  format: Format,
): string =>
  t.quotaReason(
    t.resource(resource),
    amountOf(resource, needed, format),
    amountOf(resource, Math.max(0, (limit ?? 0) - used), format),
    amountOf(resource, limit ?? 0, format),
  );

/** Why a flavor does not fit, in the reader's language; in the API's words when it is of a kind that we do not know. */
export function reasonWords(reason: FitReason, t: Texts, format: Format): string {
  const { kind, resource, limit, used = 0, needed } = reason;
  const [wanted, has] = [amountOf(resource, needed, format), amountOf(resource, limit, format)];
  if (kind === 'quota') return quotaWords({ resource, used, needed, limit }, t, format);
  if (kind === 'image' && resource === 'ram') return t.imageRam(wanted, has);
  if (kind === 'image' && resource === 'disk') return t.imageDisk(wanted, has);
  if (kind === 'hosts') return limit === 0 ? t.noHost : t.someHosts(limit, needed);
  return reason.message;
}

/** The same in a few words, for a row of a table. */
export function reasonInShort({ kind, resource, message }: FitReason, t: Texts): string {
  if (kind === 'quota') return t.quotaShort(t.resource(resource));
  if (kind === 'image') return resource === 'ram' ? t.imageRamShort : t.imageDiskShort;
  return kind === 'hosts' ? t.hostsShort : message;
}

/** What keeps a launch from being sent, sentence by sentence. */
export function blockWords(block: Block, t: Texts, format: Format): readonly string[] {
  switch (block.what) {
    case 'name':
    case 'image':
    case 'volume':
    case 'snapshot':
    case 'flavor':
      return [
        {
          name: t.blockName,
          image: t.blockImage,
          volume: t.blockVolume,
          snapshot: t.blockSnapshot,
          flavor: t.blockFlavor,
        }[block.what],
      ];
    case 'name-long':
      return [t.blockNameLong];
    case 'one-volume':
      return [t.blockOneVolume];
    case 'user-data':
      return [t.blockUserData];
    case 'count':
      return [t.blockCount(block.most)];
    case 'volume-size':
      return [t.blockVolumeSize(format.gib(block.least))];
    case 'one-address':
      return [t.blockOneAddress];
    case 'key-twice':
      return [t.blockKeyTwice(block.value)];
    case 'address':
      return [t.blockAddress(block.value)];
    case 'quota':
      return [quotaWords(block.standing, t, format)];
    case 'fit':
      return block.fit.reasons.filter(({ kind }) => kind !== 'hosts').map((reason) => reasonWords(reason, t, format));
  }
}
