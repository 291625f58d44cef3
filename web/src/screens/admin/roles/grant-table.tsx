import { Button } from '@mantine/core';
import { IconPencil, IconPlus, IconUserMinus } from '@tabler/icons-react';
import { useMemo } from 'react';
import { revoke, useAssignments, type Party, type Place } from '#api/identity/assignments.ts';
import { useNames } from '#api/identity/use-names.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { EmptyNotice } from '#ui/empty-notice.tsx';
import { GrantDialog } from './grant-dialog.tsx';
import { endsOwnAdmin, grouped, type GrantRow } from './grouped.ts';
import { RoleBadges } from './role-badges.tsx';
import { roleTexts } from './texts.ts';

export interface GrantTableProps {
  /** Whose roles, everywhere; or: */
  readonly actor?: Party & { readonly name: string };
  /** who has roles there. */
  readonly target?: Place & { readonly name: string };
}

/** Who works in a place, or where somebody works: with their roles, to be changed. */
export function GrantTable({ actor, target }: GrantTableProps) {
  const t = useText(roleTexts);
  const names = useNames();
  const me = useSignedIn();
  const open = useDialog();
  const reread = useReread();
  const query = useAssignments({
    ...(actor?.kind === 'user' && { user: actor.id }),
    ...(actor?.kind === 'group' && { group: actor.id }),
    ...(target?.kind === 'project' && { project: target.id }),
    ...(target?.kind === 'domain' && { domain: target.id }),
  });
  const data = useMemo(
    () => query.data && grouped(query.data, target ? 'actor' : 'target'),
    [query.data, target === undefined],
  );
  const columns = useMemo<readonly Column<GrantRow>[]>(
    () => [
      {
        id: 'name',
        title: target ? t.who : t.where,
        value: (row) => called(row, t.system),
        width: 'minmax(8rem, 1.5fr)',
      },
      {
        id: 'kind',
        title: t.kind,
        value: ({ kind, inherited }) => `${t[kind]}${inherited ? ` (${t.below})` : ''}`,
        width: 'minmax(5rem, 1fr)',
      },
      ...(names.many ? [{ id: 'domain', title: t.domain, value: ({ domain }: GrantRow) => domain }] : []),
      {
        id: 'roles',
        title: t.roles,
        value: ({ grants }) => grants.map(({ role }) => role.name).join(' '),
        cell: ({ grants }) => <RoleBadges roles={grants.map(({ role }) => role)} />,
        width: 'minmax(10rem, 3fr)',
      },
    ],
    [t, names.many, target === undefined],
  );
  const actions = useMemo<readonly Action<GrantRow>[]>(() => {
    const other = ({ otherId: id, ...row }: GrantRow) => ({ id, name: called({ ...row, otherId: id }, t.system) });
    const ends = (rows: readonly GrantRow[]): boolean =>
      endsOwnAdmin(
        rows.flatMap(({ grants }) => grants),
        me,
      );
    return [
      {
        id: 'change',
        label: t.change,
        icon: IconPencil,
        run: ([row]) =>
          row &&
          open((close) => (
            <GrantDialog
              actor={actor ?? { kind: row.kind as Party['kind'], ...other(row) }}
              target={target ?? { kind: row.kind as Place['kind'], ...other(row) }}
              before={row.grants}
              close={close}
            />
          )),
      },
      {
        id: 'remove',
        label: t.removeMember,
        icon: IconUserMinus,
        danger: true,
        many: true,
        refuse: (rows) => (ends(rows) ? t.ownAdmin : null),
        run: (rows) =>
          open((close) => (
            <ConfirmDialog
              title={t.removeTitle(rows.length)}
              items={rows}
              nameOf={(row) => `${called(row, t.system)}: ${row.grants.map(({ role }) => role.name).join(', ')}`}
              consequence={t.revokeText}
              verb={t.revoke}
              danger
              run={async ({ grants }) => {
                for (const one of grants) await revoke({ ...one, role: one.role.id });
              }}
              close={close}
              after={() => reread('role_assignment', 'user', 'project')}
            />
          )),
      },
    ];
  }, [t, me, open, reread, actor, target]);
  const add = (
    <Button
      size="sm"
      leftSection={<IconPlus size={16} />}
      onClick={() =>
        open((close) => <GrantDialog {...(actor && { actor })} {...(target && { target })} close={close} />)
      }
    >
      {t.grant}
    </Button>
  );
  if (data?.length === 0)
    return (
      <EmptyNotice icon={IconPlus} title={t.roles} action={add}>
        {target ? t.noMembers : t.noGrants}
      </EmptyNotice>
    );
  return (
    <ResourceTable
      label={target ? t.who : t.where}
      query={{ data, error: query.error, refetch: query.refetch }}
      columns={columns}
      actions={actions}
      nameOf={(row) => called(row, t.system)}
      linkOf={({ kind, otherId }) =>
        kind === 'user' ? `/admin/users/${otherId}` : kind === 'project' ? `/admin/projects/${otherId}` : null
      }
      tools={add}
      urlName="who"
    />
  );
}

const called = ({ kind, name, otherId }: GrantRow, system: string): string =>
  kind === 'system' ? system : (name ?? otherId.slice(0, 8));
