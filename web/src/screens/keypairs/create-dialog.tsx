import { TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useText } from '#i18n/catalogue.ts';
import { useDialog } from '#ui/dialogs.tsx';
import { downloadText } from '#ui/download.ts';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { KeySource } from './key-source.tsx';
import { keyFileName, PrivateKeyDialog } from './private-key-dialog.tsx';
import { keypairTexts } from './texts.ts';
import { useKeypairForm } from './use-keypair-form.ts';

/** Makes a key pair, or takes one over; a private key that was made is downloaded. */
export function CreateKeypairDialog({
  close,
  made,
}: {
  readonly close: () => void;
  /** Is told the new pair's name. */
  readonly made?: (name: string) => void;
}) {
  const t = useText(keypairTexts);
  const ui = useText(uiTexts);
  const form = useKeypairForm();
  const queries = useQueryClient();
  const open = useDialog();
  const submit = async (): Promise<void> => {
    const { name, privateKey } = await form.submit();
    await queries.invalidateQueries({ queryKey: ['keypair'] });
    made?.(name);
    if (privateKey === null) return;
    downloadText(keyFileName(name), privateKey, 'application/x-pem-file');
    open((end) => <PrivateKeyDialog name={name} privateKey={privateKey} close={end} />);
  };
  return (
    <FormDialog
      title={t.create}
      verb={form.fields.values.way === 'generate' ? t.generateVerb : ui.create}
      refuse={form.refuse}
      preview={form.preview}
      submit={submit}
      close={close}
    >
      <TextInput label={ui.name} description={t.nameHint} data-autofocus required {...form.fields.text('name')} />
      <KeySource fields={form.fields} />
    </FormDialog>
  );
}
