import { Loader, MultiSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { addToGroup, removeFromGroup, usersOf } from '#api/identity/groups.ts';
import { users, type Group } from '#api/identity/identity.ts';
import { useNames } from '#api/identity/use-names.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import { MembershipDialog } from './membership-dialog.tsx';
import { userTexts } from './texts.ts';

/** Which users are in a group. */
export function GroupMembersDialog({ group, close }: { readonly group: Group; readonly close: () => void }) {
  const t = useText(userTexts);
  const names = useNames();
  const reread = useReread();
  const { data: all } = useList(users);
  const { data, error } = useQuery({
    queryKey: ['group', 'part', group.id, 'users'],
    queryFn: ({ signal }) => usersOf(group.id, signal),
  });
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const before = data?.map(({ id }) => id);
  const now = chosen ?? before ?? [];
  return (
    <MembershipDialog
      title={t.membersTitle(group.name)}
      before={before}
      after={now}
      error={error}
      pathOf={(user) => `/groups/${group.id}/users/${user}`}
      commandOf={(verb, user) => [`openstack group ${verb} user`, [group.id, user]]}
      add={(user) => addToGroup(group.id, user)}
      remove={(user) => removeFromGroup(group.id, user)}
      saved={() => reread('user', 'group')}
      close={close}
    >
      {before ? (
        <MultiSelect
          label={t.members}
          description={t.membersHint}
          searchable
          hidePickedOptions
          value={[...now]}
          onChange={setChosen}
          data={(all ?? []).map(({ id }) => ({ value: id, label: names.user(id) }))}
          data-autofocus
          openOnFocus={false}
        />
      ) : (
        <Loader size="sm" role="status" />
      )}
    </MembershipDialog>
  );
}
