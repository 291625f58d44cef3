import { Button } from '@mantine/core';
import { IconHierarchy, IconPencil, IconPlus, IconTrash, IconUserShield } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useAssignments, type Assignment } from '#api/identity/assignments.ts';
import { roles, type Role } from '#api/identity/identity.ts';
import { inferences } from '#api/identity/implied-roles.ts';
import { useNames } from '#api/identity/use-names.ts';
import { roleWrites } from '#api/identity/writes.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { useReread } from '#api/identity/use-reread.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { EmptyNotice } from '#ui/empty-notice.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { uiTexts } from '#ui/texts.ts';
import { assignmentWords } from './assignment-words.ts';
import { ImpliedDialog } from './implied-dialog.tsx';
import { RoleBadges } from './role-badges.tsx';
import { RoleDialog } from './role-dialog.tsx';
import { roleTexts } from './texts.ts';

const NONE: readonly never[] = [];
const nameOf = ({ name }: Role): string => name;
const sort = { column: 'name', down: false };
/** Before so many a deletion names its holders. */
const NAMED = 8;

/** What people can be in a project. */
export function RolesTable() {
  const t = useText(roleTexts);
  const ui = useText(uiTexts);
  const format = useFormat();
  const open = useDialog();
  const reread = useReread();
  const names = useNames();
  const query = useList(roles);
  const { data: assignments = NONE } = useAssignments();
  const { data: implied = NONE } = useQuery({
    queryKey: ['role_inference'],
    queryFn: ({ signal }) => inferences(signal),
  });
  const held = useMemo(() => Map.groupBy(assignments, ({ role }) => role.id), [assignments]);
  const includes = useMemo(() => new Map(implied.map((one) => [one.prior_role.id, one.implies])), [implied]);
  const ofDomains = query.data?.some(({ domain_id }) => domain_id !== null) ?? false;
  const columns = useMemo<readonly Column<Role>[]>(
    () => [
      { id: 'name', title: ui.name, value: nameOf },
      {
        id: 'description',
        title: ui.description,
        value: ({ description }) => description || null,
        width: 'minmax(10rem, 2fr)',
      },
      ...(ofDomains
        ? [
            {
              id: 'domain',
              title: t.domain,
              value: ({ domain_id }: Role) => (domain_id ? names.domain(domain_id) : null),
            },
          ]
        : []),
      {
        id: 'implies',
        title: t.implies,
        value: ({ id }) => (includes.get(id) ?? []).map(({ name }) => name).join(' ') || null,
        cell: ({ id }) => <RoleBadges roles={includes.get(id) ?? []} />,
      },
      {
        id: 'holders',
        title: t.holders,
        value: ({ id }) => held.get(id)?.length ?? 0,
        cell: ({ id }) => t.holdersCount(held.get(id)?.length ?? 0),
      },
    ],
    [t, ui, names, ofDomains, includes, held],
  );
  const actions = useMemo<readonly Action<Role>[]>(() => {
    const words = assignmentWords(names, t.system);
    const holders = (items: readonly Role[]): string => {
      const all: readonly Assignment[] = items.flatMap(({ id }) => held.get(id) ?? []);
      if (all.length === 0) return t.deleteUnused;
      const some = all.slice(0, NAMED).map((one) => `${words.who(one)} (${words.where(one)})`);
      return t.deleteUsed(format.list([...some, ...(all.length > NAMED ? [`+${all.length - NAMED}`] : [])]));
    };
    return [
      {
        id: 'edit',
        label: ui.edit,
        icon: IconPencil,
        run: ([role]) => role && open((close) => <RoleDialog role={role} close={close} />),
      },
      {
        id: 'implied',
        label: t.impliedAction,
        icon: IconHierarchy,
        run: ([role]) =>
          role &&
          open((close) => (
            <ImpliedDialog role={role} before={(includes.get(role.id) ?? []).map(({ id }) => id)} close={close} />
          )),
      },
      {
        id: 'delete',
        label: ui.delete,
        icon: IconTrash,
        danger: true,
        many: true,
        refuse: (items) => (items.some(({ name }) => name === 'admin') ? t.adminStays : null),
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.deleteTitle(items.length)}
              items={items}
              nameOf={nameOf}
              consequence={holders(items)}
              verb={ui.delete}
              danger
              run={({ id }) => roleWrites.remove(id)}
              close={close}
              after={() => reread('role', 'role_assignment', 'role_inference')}
            />
          )),
      },
    ];
  }, [t, ui, open, reread, names, held, includes, format]);
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => open((close) => <RoleDialog close={close} />)}>
      {t.create}
    </Button>
  );
  if (query.data?.length === 0)
    return (
      <EmptyNotice icon={IconUserShield} title={t.title} action={create}>
        {t.emptyText}
      </EmptyNotice>
    );
  return (
    <ResourceTable
      label={t.rolesTab}
      query={query}
      columns={columns}
      actions={actions}
      nameOf={nameOf}
      initialSort={sort}
      tools={create}
    />
  );
}
