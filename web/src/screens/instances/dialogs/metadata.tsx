import { Textarea, TextInput } from '@mantine/core';
import { replaceMetadata, replaceTags } from '#api/compute/server-actions.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import type { DialogProps } from '../actions/change-actions.tsx';
import { badTag, linesOfMetadata, metadataOfLines, tagsOf } from '../metadata-lines.ts';

/** Words that its owner, and the guest, go by. */
export function MetadataDialog({ server, tools: { t, saved }, close }: DialogProps) {
  const ui = useText(uiTexts);
  const { services } = useSignedIn();
  const fields = useFields({ lines: linesOfMetadata(server.metadata), tags: (server.tags ?? []).join(', ') });
  const read = metadataOfLines(fields.values.lines);
  const tags = tagsOf(fields.values.tags);
  const wrongTag = badTag(tags);
  const metadata = 'metadata' in read ? read.metadata : {};
  const refuse = 'bad' in read ? t.metadataBad(read.bad) : wrongTag !== undefined ? t.tagBad(wrongTag) : null;
  const gone = Object.keys(server.metadata).filter((key) => !(key in metadata));
  return (
    <FormDialog
      title={`${t.metadata}: ${server.name}`}
      verb={ui.save}
      refuse={refuse}
      preview={{
        command: [
          commandLine(
            ['openstack', 'server', 'set'],
            ...Object.entries(metadata).map(([key, value]) => ['--property', `${key}=${value}`]),
            ...tags.map((tag) => ['--tag', tag]),
            [server.id],
          ),
          ...(gone.length > 0
            ? [commandLine(['openstack', 'server', 'unset'], ...gone.map((key) => ['--property', key]), [server.id])]
            : []),
        ].join('\n'),
        call: { method: 'PUT', url: `${services.compute?.url}/servers/${server.id}/metadata`, body: { metadata } },
      }}
      submit={async () => {
        if (linesOfMetadata(metadata) !== linesOfMetadata(server.metadata)) await replaceMetadata(server.id, metadata);
        if (tags.join() !== (server.tags ?? []).join()) await replaceTags(server.id, tags);
        saved(server, t.saved(server.name));
      }}
      close={close}
    >
      <Textarea
        label={t.metadataLabel}
        description={t.metadataHint}
        autosize
        minRows={4}
        maxRows={12}
        data-autofocus
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        {...fields.text('lines')}
      />
      <TextInput label={t.tagsLabel} {...fields.text('tags')} />
    </FormDialog>
  );
}
