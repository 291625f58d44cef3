import { IconLogin2, IconPencil, IconPlayerPause, IconPlayerPlay, IconTags, IconTrash } from '@tabler/icons-react';
import { useMemo } from 'react';
import { projects, type Project } from '#api/identity/identity.ts';
import { useNames } from '#api/identity/use-names.ts';
import { projectWrites } from '#api/identity/writes.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { uiTexts } from '#ui/texts.ts';
import { work } from '#ui/work.ts';
import { DeleteProjectDialog } from './delete-project-dialog.tsx';
import { EditProjectDialog } from './edit-project-dialog.tsx';
import { useEnterProject } from './enter-project.tsx';
import { TagsDialog } from './tags-dialog.tsx';
import { projectTexts } from './texts.ts';

/** What can be done to projects. @param gone called when one was deleted */
export function useProjectActions(gone?: () => void): readonly Action<Project>[] {
  const t = useText(projectTexts);
  const ui = useText(uiTexts);
  const open = useDialog();
  const reread = useReread();
  const names = useNames();
  const enter = useEnterProject();
  const current = useSignedIn().project.id;
  const { data: all } = useList(projects);
  return useMemo(() => {
    const own = (items: readonly Project[]): string | null =>
      items.some(({ id }) => id === current) ? t.ownProject : null;
    const children = (items: readonly Project[]): string | null => {
      const below = (all ?? [])
        .filter((one) => items.some(({ id }) => id === one.parent_id))
        .map(({ id }) => names.project(id));
      const some = [...below.slice(0, 4), ...(below.length > 4 ? ['…'] : [])];
      return some.length > 0 ? t.hasChildren(some.join(', ')) : null;
    };
    const nameOf = ({ id }: Project): string => names.project(id);
    return [
      {
        id: 'enter',
        label: t.enter,
        icon: IconLogin2,
        refuse: ([one]) => (one?.id === current ? t.alreadyIn : one?.enabled === false ? t.isDisabled : null),
        run: ([one]) => one && enter(one),
      },
      {
        id: 'edit',
        label: ui.edit,
        icon: IconPencil,
        run: ([project]) => project && open((close) => <EditProjectDialog project={project} close={close} />),
      },
      {
        id: 'tags',
        label: t.editTags,
        icon: IconTags,
        run: ([project]) => project && open((close) => <TagsDialog project={project} close={close} />),
      },
      {
        id: 'enable',
        label: t.enable,
        icon: IconPlayerPlay,
        many: true,
        refuse: (items) => (items.every(({ enabled }) => enabled) ? t.alreadyEnabled : null),
        run: (items) => {
          const called = items.map(nameOf).join(', ');
          void work({
            doing: t.enabling(called),
            done: t.enabledDone(called),
            failed: t.enable,
            run: async () => {
              for (const { id } of items) await projectWrites.update(id, { enabled: true });
              reread('project');
            },
          });
        },
      },
      {
        id: 'disable',
        label: t.disable,
        icon: IconPlayerPause,
        many: true,
        refuse: (items) => own(items) ?? (items.every(({ enabled }) => !enabled) ? t.alreadyDisabled : null),
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.disableTitle(items.length)}
              items={items}
              nameOf={nameOf}
              consequence={t.disableText}
              verb={t.disable}
              run={({ id }) => projectWrites.update(id, { enabled: false })}
              close={close}
              after={() => reread('project')}
            />
          )),
      },
      {
        id: 'delete',
        label: ui.delete,
        icon: IconTrash,
        danger: true,
        refuse: (items) => own(items) ?? children(items),
        run: ([project]) =>
          project &&
          open((close) => <DeleteProjectDialog project={project} name={nameOf(project)} close={close} gone={gone} />),
      },
    ];
  }, [t, ui, open, reread, names, enter, current, all, gone]);
}
