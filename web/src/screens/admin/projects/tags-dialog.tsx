import { TagsInput } from '@mantine/core';
import { useState } from 'react';
import type { Project } from '#api/identity/identity.ts';
import { isTag, setTags } from '#api/identity/tags.ts';
import { identityUrl } from '#api/identity/writes.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { projectTexts } from './texts.ts';

/** A project's tags. */
export function TagsDialog({ project, close }: { readonly project: Project; readonly close: () => void }) {
  const t = useText(projectTexts);
  const ui = useText(uiTexts);
  const reread = useReread();
  const [tags, setAll] = useState<string[]>([...project.tags]);
  const bad = tags.find((tag) => !isTag(tag));
  return (
    <FormDialog
      title={t.tagsTitle(project.name)}
      verb={ui.save}
      refuse={bad !== undefined ? t.badTag(bad) : tags.length > 80 ? t.tooManyTags : null}
      close={close}
      preview={{
        command: commandLine('openstack project set', '--clear-tags', ...tags.map((tag) => ['--tag', tag]), [
          project.id,
        ]),
        call: { method: 'PUT', url: identityUrl(`/projects/${project.id}/tags`), body: { tags } },
      }}
      submit={async () => {
        await setTags(project.id, tags);
        reread('project');
      }}
    >
      <TagsInput
        label={t.tags}
        description={t.tagsHint}
        value={tags}
        onChange={setAll}
        splitChars={[',']}
        data-autofocus
        openOnFocus={false}
      />
    </FormDialog>
  );
}
