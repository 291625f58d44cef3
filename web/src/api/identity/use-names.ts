import { useMemo } from 'react';
import { useList } from '../resource.ts';
import { domains, groups, projects, users, type Domain } from './identity.ts';
import { makeNames } from './names.ts';

/** Names of projects, users, groups and domains by id; live. */
export interface Names {
  readonly project: (id: string | null | undefined) => string;
  readonly user: (id: string | null | undefined) => string;
  readonly group: (id: string | null | undefined) => string;
  readonly domain: (id: string | null | undefined) => string;
  readonly domains: readonly Domain[];
  /** More than one domain: forms ask which, lists show it. */
  readonly many: boolean;
}

const NONE: readonly never[] = [];

export function useNames(): Names {
  const { data: allDomains = NONE } = useList(domains);
  const { data: allProjects = NONE } = useList(projects);
  const { data: allUsers = NONE } = useList(users);
  const { data: allGroups = NONE } = useList(groups);
  return useMemo(
    () => ({
      project: makeNames(allProjects, allDomains),
      user: makeNames(allUsers, allDomains),
      group: makeNames(allGroups, allDomains),
      domain: makeNames(
        allDomains.map((one) => ({ ...one, domain_id: null })),
        allDomains,
      ),
      domains: allDomains,
      many: allDomains.length > 1,
    }),
    [allDomains, allProjects, allUsers, allGroups],
  );
}
