import { Select, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { grant, grantCall } from '#api/identity/assignments.ts';
import { roles, type Project } from '#api/identity/identity.ts';
import { useList } from '#api/resource.ts';
import { changeScope, useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { useDialog } from '#ui/dialogs.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { work } from '#ui/work.ts';
import { grantCommand } from '../roles/grant-command.ts';
import { projectTexts } from './texts.ts';

/** Switches into a project; who has no role in it is asked first whether to take one. */
export function useEnterProject(): (project: Project) => void {
  const t = useText(projectTexts);
  const session = useSignedIn();
  const open = useDialog();
  const navigate = useNavigate();
  return useCallback(
    (project) => {
      if (session.projects.some(({ id }) => id === project.id))
        void work({
          doing: t.entering(project.name),
          done: t.entered(project.name),
          failed: t.enterFailed(project.name),
          run: () => changeScope({ projectId: project.id }),
        }).then((ok) => (ok ? navigate({ to: '/' }) : undefined));
      else open((close) => <EnterDialog project={project} close={close} />);
    },
    [t, session, open, navigate],
  );
}

function EnterDialog({ project, close }: { readonly project: Project; readonly close: () => void }) {
  const t = useText(projectTexts);
  const { user } = useSignedIn();
  const navigate = useNavigate();
  const { data } = useList(roles);
  const [chosen, setChosen] = useState<string | null>(null);
  // The administrator's own role keeps the administrator's screens there.
  const role = chosen ?? data?.find(({ name }) => name === 'admin')?.id ?? null;
  const name = data?.find(({ id }) => id === role)?.name ?? '';
  const actor = { kind: 'user', id: user.id } as const;
  const target = { kind: 'project', id: project.id } as const;
  return (
    <FormDialog
      title={t.enterTitle(project.name)}
      verb={t.enterVerb}
      refuse={role === null ? t.enterRole : null}
      close={close}
      {...(role !== null && {
        preview: {
          command: grantCommand('add', { actor, target, role: name }),
          call: grantCall({ actor, target, role }),
        },
      })}
      submit={async () => {
        if (role === null) return;
        await grant({ actor, target, role });
        await changeScope({ projectId: project.id });
        void navigate({ to: '/' });
      }}
    >
      <Text size="sm">{t.enterText(project.name)}</Text>
      <Select
        label={t.enterRole}
        searchable
        required
        value={role}
        onChange={setChosen}
        data={(data ?? []).map((one) => ({ value: one.id, label: one.name }))}
        data-autofocus
        openOnFocus={false}
      />
    </FormDialog>
  );
}
