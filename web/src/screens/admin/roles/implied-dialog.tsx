import { useState } from 'react';
import type { Role } from '#api/identity/identity.ts';
import { imply, implyNoMore } from '#api/identity/implied-roles.ts';
import { identityUrl } from '#api/identity/writes.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { rolesDiff } from './grouped.ts';
import { RolesSelect } from './roles-select.tsx';
import { roleTexts } from './texts.ts';

/** Which roles somebody has besides who has this one. */
export function ImpliedDialog({
  role,
  before,
  close,
}: {
  readonly role: Role;
  /** Ids of those that it includes now. */
  readonly before: readonly string[];
  readonly close: () => void;
}) {
  const t = useText(roleTexts);
  const ui = useText(uiTexts);
  const reread = useReread();
  const [chosen, setChosen] = useState(before);
  const { give, take } = rolesDiff(before, chosen);
  const url = (id: string): string => identityUrl(`/roles/${role.id}/implies/${id}`);
  return (
    <FormDialog
      title={t.impliedTitle(role.name)}
      verb={ui.save}
      refuse={give.length + take.length === 0 ? t.nothingChanged : null}
      close={close}
      {...(give.length + take.length > 0 && {
        preview: {
          command: [
            ...give.map((id) => commandLine('openstack implied role create', ['--implied-role', id, role.id])),
            ...take.map((id) => commandLine('openstack implied role delete', ['--implied-role', id, role.id])),
          ].join('\n'),
          call: [
            ...give.map((id) => ({ method: 'PUT', url: url(id) })),
            ...take.map((id) => ({ method: 'DELETE', url: url(id) })),
          ],
        },
      })}
      submit={async () => {
        for (const id of take) await implyNoMore(role.id, id);
        for (const id of give) await imply(role.id, id);
        reread('role', 'role_inference');
      }}
    >
      <RolesSelect
        label={t.implies}
        description={t.impliedHint}
        value={chosen}
        onChange={setChosen}
        without={role.id}
        focus
      />
    </FormDialog>
  );
}
