import { Loader, MultiSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { addToGroup, groupsOf, removeFromGroup } from '#api/identity/groups.ts';
import { groups, type User } from '#api/identity/identity.ts';
import { useNames } from '#api/identity/use-names.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import { MembershipDialog } from './membership-dialog.tsx';
import { userTexts } from './texts.ts';

/** In which groups a user is. */
export function UserGroupsDialog({ user, close }: { readonly user: User; readonly close: () => void }) {
  const t = useText(userTexts);
  const names = useNames();
  const reread = useReread();
  const { data: all } = useList(groups);
  const { data, error } = useQuery({
    queryKey: ['user', 'part', user.id, 'groups'],
    queryFn: ({ signal }) => groupsOf(user.id, signal),
  });
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const before = data?.map(({ id }) => id);
  const now = chosen ?? before ?? [];
  return (
    <MembershipDialog
      title={t.joinTitle(user.name)}
      before={before}
      after={now}
      error={error}
      pathOf={(group) => `/groups/${group}/users/${user.id}`}
      commandOf={(verb, group) => [`openstack group ${verb} user`, [group, user.id]]}
      add={(group) => addToGroup(group, user.id)}
      remove={(group) => removeFromGroup(group, user.id)}
      saved={() => reread('user', 'group')}
      close={close}
    >
      {before ? (
        <MultiSelect
          label={t.groups}
          searchable
          hidePickedOptions
          value={[...now]}
          onChange={setChosen}
          data={(all ?? []).map(({ id }) => ({ value: id, label: names.group(id) }))}
          data-autofocus
          openOnFocus={false}
        />
      ) : (
        <Loader size="sm" role="status" />
      )}
    </MembershipDialog>
  );
}
