import { interfaces, type Endpoint } from './model.ts';

/** Endpoints that v2.0 shows as one; not empty. */
export type LegacyGroup = readonly [Endpoint, ...Endpoint[]];

/**
 * Endpoints as v2.0 knows them: those of one legacy id together; those that v3 made (they have none) join the group of their
 * service and region that lacks their interface, so that three of them are one with three URLs.
 */
export function groupLegacy(endpoints: readonly Endpoint[]): LegacyGroup[] {
  const groups: { readonly place: string; readonly members: [Endpoint, ...Endpoint[]] }[] = [];
  const place = (one: Endpoint): string => `${one.serviceId} ${one.regionId ?? ''}`;
  // Those with a legacy id first: the others complete them.
  const sorted = endpoints.toSorted((a, b) => Number(a.legacyId === null) - Number(b.legacyId === null));
  for (const one of sorted) {
    const home = groups.find(({ place: there, members }) =>
      one.legacyId !== null
        ? members[0].legacyId === one.legacyId
        : there === place(one) && members.every((member) => member.interface !== one.interface),
    );
    if (home) home.members.push(one);
    else groups.push({ place: place(one), members: [one] });
  }
  return groups.map(({ members }) => members.toSorted(byInterface) as unknown as LegacyGroup);
}

const byInterface = (a: Endpoint, b: Endpoint): number =>
  interfaces.indexOf(a.interface) - interfaces.indexOf(b.interface);

/** The id that v2.0 shows: that of v2.0 itself, else the first member's (the public one's if there is one). */
export const legacyIdOf = (group: LegacyGroup): string =>
  group.find((one) => one.legacyId !== null)?.legacyId ?? group[0].id;
