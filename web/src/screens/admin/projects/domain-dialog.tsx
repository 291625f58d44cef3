import { Textarea, TextInput } from '@mantine/core';
import type { Domain } from '#api/identity/identity.ts';
import { domainWrites } from '#api/identity/writes.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { projectTexts } from './texts.ts';

/** Makes a domain, or changes the given one. */
export function DomainDialog({ domain, close }: { readonly domain?: Domain; readonly close: () => void }) {
  const t = useText(projectTexts);
  const ui = useText(uiTexts);
  const reread = useReread();
  const fields = useFields({ name: domain?.name ?? '', description: domain?.description ?? '' });
  const body = { name: fields.values.name.trim(), description: fields.values.description.trim() };
  return (
    <FormDialog
      title={domain ? t.editTitle(domain.name) : t.createDomain}
      verb={domain ? ui.save : ui.create}
      refuse={body.name === '' ? `${ui.required}: ${ui.name}` : null}
      close={close}
      preview={
        domain
          ? {
              command: commandLine(
                'openstack domain set',
                ['--name', body.name],
                ['--description', body.description],
                [domain.id],
              ),
              call: domainWrites.updateCall(domain.id, body),
            }
          : {
              command: commandLine(
                'openstack domain create',
                body.description !== '' && ['--description', body.description],
                [body.name],
              ),
              call: domainWrites.createCall(body),
            }
      }
      submit={async () => {
        await (domain ? domainWrites.update(domain.id, body) : domainWrites.create(body));
        reread('domain');
      }}
    >
      <TextInput label={ui.name} required maxLength={64} data-autofocus {...fields.text('name')} />
      <Textarea label={ui.description} autosize minRows={2} {...fields.text('description')} />
    </FormDialog>
  );
}
