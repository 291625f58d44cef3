import { useCallback } from 'react';
import { users } from '#api/identity/identity.ts';
import { useList } from '#api/resource.ts';

/** Names of users by id; the id's beginning when Keystone does not know it (any more). */
export function useUserName(): (id: string | null) => string {
  const { data } = useList(users);
  return useCallback(
    (id) => (id === null ? '–' : (data?.find((one) => one.id === id)?.name ?? id.slice(0, 8))),
    [data],
  );
}
