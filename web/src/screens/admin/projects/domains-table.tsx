import { IconPencil, IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useMemo } from 'react';
import { domains, projects, users, type Domain } from '#api/identity/identity.ts';
import { domainWrites } from '#api/identity/writes.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { work } from '#ui/work.ts';
import { DomainDialog } from './domain-dialog.tsx';
import { projectTexts } from './texts.ts';

const nameOf = ({ name }: Domain): string => name;
const NONE: readonly never[] = [];

/** What users, groups and projects belong to: an organisation each, as a rule. */
export function DomainsTable() {
  const t = useText(projectTexts);
  const ui = useText(uiTexts);
  const open = useDialog();
  const reread = useReread();
  const me = useSignedIn();
  const query = useList(domains);
  const { data: allProjects = NONE } = useList(projects);
  const { data: allUsers = NONE } = useList(users);
  const counts = useMemo(() => {
    const count = (items: readonly { readonly domain_id: string }[]) => {
      const by = new Map<string, number>();
      for (const { domain_id: id } of items) by.set(id, (by.get(id) ?? 0) + 1);
      return (id: string): number => by.get(id) ?? 0;
    };
    return { projects: count(allProjects), users: count(allUsers) };
  }, [allProjects, allUsers]);
  const columns = useMemo<readonly Column<Domain>[]>(
    () => [
      { id: 'name', title: ui.name, value: nameOf },
      {
        id: 'description',
        title: ui.description,
        value: (one) => one.description || null,
        width: 'minmax(10rem, 2fr)',
      },
      { id: 'projects', title: t.projectsTab, value: ({ id }) => counts.projects(id) },
      { id: 'users', title: t.users, value: ({ id }) => counts.users(id) },
      {
        id: 'status',
        title: ui.status,
        value: ({ enabled }) => (enabled ? 'enabled' : 'disabled'),
        cell: ({ enabled }) => <Status status={enabled ? 'ENABLED' : 'DISABLED'} />,
      },
    ],
    [t, ui, counts],
  );
  const actions = useMemo<readonly Action<Domain>[]>(() => {
    const own = ([one]: readonly Domain[]): string | null =>
      one?.id === me.user.domain.id || one?.id === me.project.domain.id ? t.ownDomain : null;
    const after = (): void => reread('domain', 'project', 'user', 'group', 'role_assignment');
    return [
      {
        id: 'edit',
        label: ui.edit,
        icon: IconPencil,
        run: ([domain]) => domain && open((close) => <DomainDialog domain={domain} close={close} />),
      },
      {
        id: 'enable',
        label: t.enable,
        icon: IconPlayerPlay,
        refuse: ([one]) => (one?.enabled === true ? t.alreadyEnabled : null),
        run: ([one]) =>
          one &&
          void work({
            doing: t.enabling(one.name),
            done: t.enabledDone(one.name),
            failed: t.enable,
            run: () => domainWrites.update(one.id, { enabled: true }).then(after),
          }),
      },
      {
        id: 'disable',
        label: t.disable,
        icon: IconPlayerPause,
        refuse: (items) => own(items) ?? (items[0]?.enabled === false ? t.alreadyDisabled : null),
        run: ([one]) =>
          one &&
          open((close) => (
            <ConfirmDialog
              title={t.domainDisableTitle(one.name)}
              items={[one]}
              nameOf={nameOf}
              consequence={t.domainDisableText}
              verb={t.disable}
              run={({ id }) => domainWrites.update(id, { enabled: false })}
              close={close}
              after={after}
            />
          )),
      },
      {
        id: 'delete',
        label: ui.delete,
        icon: IconTrash,
        danger: true,
        refuse: (items) => own(items) ?? (items[0]?.enabled === true ? t.domainEnabled : null),
        run: ([one]) =>
          one &&
          open((close) => (
            <ConfirmDialog
              title={t.domainDeleteTitle(one.name)}
              items={[one]}
              nameOf={nameOf}
              consequence={t.domainDeleteText(counts.projects(one.id), counts.users(one.id))}
              verb={ui.delete}
              danger
              typed={one.name}
              run={({ id }) => domainWrites.remove(id)}
              close={close}
              after={after}
            />
          )),
      },
    ];
  }, [t, ui, open, reread, me, counts]);
  return (
    <ResourceTable
      label={t.domainsTab}
      query={query}
      columns={columns}
      actions={actions}
      nameOf={nameOf}
      urlName="domain"
    />
  );
}
