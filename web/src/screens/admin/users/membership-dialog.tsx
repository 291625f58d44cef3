import type { ReactNode } from 'react';
import { identityUrl } from '#api/identity/writes.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { rolesDiff } from '../roles/grouped.ts';
import { userTexts } from './texts.ts';

export interface MembershipDialogProps {
  readonly title: string;
  /** Ids now; undefined until they have been read. */
  readonly before: readonly string[] | undefined;
  readonly after: readonly string[];
  readonly error: unknown;
  readonly pathOf: (id: string) => string;
  readonly commandOf: (verb: 'add' | 'remove', id: string) => readonly [string, readonly string[]];
  readonly add: (id: string) => Promise<void>;
  readonly remove: (id: string) => Promise<void>;
  readonly saved: () => void;
  readonly close: () => void;
  readonly children: ReactNode;
}

/** Who belongs to what: the difference is sent, one call each. */
export function MembershipDialog(props: MembershipDialogProps) {
  const { title, before, after, error, pathOf, commandOf, add, remove, saved, close, children } = props;
  const t = useText(userTexts);
  const ui = useText(uiTexts);
  const { give, take } = rolesDiff(before ?? after, after);
  const changed = give.length + take.length > 0;
  return (
    <FormDialog
      title={title}
      verb={ui.save}
      refuse={changed ? null : t.nothingChanged}
      close={close}
      {...(changed && {
        preview: {
          command: [
            ...give.map((id) => commandLine(...commandOf('add', id))),
            ...take.map((id) => commandLine(...commandOf('remove', id))),
          ].join('\n'),
          call: [
            ...give.map((id) => ({ method: 'PUT', url: identityUrl(pathOf(id)) })),
            ...take.map((id) => ({ method: 'DELETE', url: identityUrl(pathOf(id)) })),
          ],
        },
      })}
      submit={async () => {
        for (const id of give) await add(id);
        for (const id of take) await remove(id);
        saved();
      }}
    >
      <ErrorNotice error={error} />
      {children}
    </FormDialog>
  );
}
