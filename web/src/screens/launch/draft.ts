import { emptyForm, sources, type LaunchForm } from './form.ts';

/** As `sessionStorage`. */
export type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const keyOf = (project: string): string => `igloo-launch-draft:${project}`;

/** Keeps what was typed in this tab, by project. User data is left out: it often holds passwords. */
export function keepDraft(store: Store, project: string, form: LaunchForm): void {
  try {
    if (isUntouched(form)) store.removeItem(keyOf(project));
    else store.setItem(keyOf(project), JSON.stringify({ ...form, userData: '' }));
  } catch {
    // A full or forbidden store: the form works without a draft.
  }
}

export const dropDraft = (store: Store, project: string): void => store.removeItem(keyOf(project));

/** @returns null when there is none, or one of another make */
export function readDraft(store: Store, project: string): LaunchForm | null {
  try {
    const kept = JSON.parse(store.getItem(keyOf(project)) ?? 'null') as Partial<LaunchForm> | null;
    if (!kept || typeof kept.name !== 'string' || !sources.some((one) => one === kept.source)) return null;
    const whole = { ...emptyForm, ...kept, userData: '' };
    return Array.isArray(whole.metadata) && Array.isArray(whole.tags) ? whole : null;
  } catch {
    return null;
  }
}

export const isUntouched = (form: LaunchForm): boolean =>
  JSON.stringify({ ...form, userData: '' }) === JSON.stringify(emptyForm);

/** What a link asked for (`?image=ID`) goes before a draft's choice of source. */
export function withLink(form: LaunchForm, search: URLSearchParams): LaunchForm {
  const [image, volume, snapshot, network] = ['image', 'volume', 'snapshot', 'network'].map((name) => search.get(name));
  return {
    ...form,
    ...(image && { source: 'image', imageId: image }),
    ...(volume && { source: 'volume', volumeId: volume }),
    ...(snapshot && { source: 'snapshot', snapshotId: snapshot }),
    ...(network && { networks: [{ kind: 'network', id: network, fixedIp: '' }] }),
  };
}
