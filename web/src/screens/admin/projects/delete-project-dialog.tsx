import type { Project } from '#api/identity/identity.ts';
import { projectWrites } from '#api/identity/writes.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { useReread } from '#api/identity/use-reread.ts';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { projectTexts } from './texts.ts';
import { useContents, useContentWords } from './use-contents.ts';

/** Deletes a project after saying what lives in it. */
export function DeleteProjectDialog({
  project,
  name,
  close,
  gone,
}: {
  readonly project: Project;
  readonly name: string;
  readonly close: () => void;
  readonly gone?: (() => void) | undefined;
}) {
  const t = useText(projectTexts);
  const ui = useText(uiTexts);
  const format = useFormat();
  const reread = useReread();
  const words = useContentWords();
  const { contents, pending, error } = useContents(project.id);
  const there = contents.filter(({ count }) => count > 0).map(words);
  const known = there.length > 0 ? t.deleteFull(format.list(there)) : pending || error !== null ? '' : t.deleteEmpty;
  const more = pending ? t.deleteCounting : error === null ? '' : t.deleteUnknown;
  return (
    <ConfirmDialog
      title={t.deleteTitle(name)}
      items={[project]}
      nameOf={() => name}
      consequence={`${known} ${more}`.trim()}
      verb={ui.delete}
      danger
      typed={project.name}
      run={({ id }) => projectWrites.remove(id)}
      close={close}
      after={() => {
        reread('project', 'role_assignment', 'user');
        gone?.();
      }}
    />
  );
}
