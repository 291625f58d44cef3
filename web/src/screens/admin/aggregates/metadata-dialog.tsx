import { Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { aggregateWrites } from '#api/compute/aggregate-writes.ts';
import type { Aggregate } from '#api/compute/hosts.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { linesOfMetadata, metadataOfLines } from '#screens/instances/metadata-lines.ts';
import { commandLine } from '#ui/command-line.ts';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { metadataChange, ZONE_KEY } from './membership.ts';
import { aggregateTexts } from './texts.ts';

/** An aggregate's metadata, but for the zone, which has a field of its own elsewhere. */
export function MetadataDialog({ aggregate, close }: { readonly aggregate: Aggregate; readonly close: () => void }) {
  const t = useText(aggregateTexts);
  const ui = useText(uiTexts);
  const queries = useQueryClient();
  const { services } = useSignedIn();
  const [text, setText] = useState(() =>
    linesOfMetadata(Object.fromEntries(Object.entries(aggregate.metadata).filter(([key]) => key !== ZONE_KEY))),
  );
  const read = metadataOfLines(text);
  const change = 'bad' in read ? {} : metadataChange(aggregate.metadata, read.metadata);
  const refuse =
    'bad' in read
      ? t.badLine(read.bad)
      : ZONE_KEY in read.metadata
        ? t.zoneKey
        : Object.keys(change).length === 0
          ? t.nothingChanged
          : null;
  const set = Object.entries(change).filter(([, value]) => value !== null);
  const unset = Object.entries(change).filter(([, value]) => value === null);
  const command = (verb: string, items: readonly (readonly [string, string | null])[]): string | null =>
    items.length === 0
      ? null
      : commandLine(
          ['openstack', 'aggregate', verb],
          items.flatMap(([key, value]) => ['--property', value === null ? key : `${key}=${value}`]),
          [aggregate.name],
        );
  return (
    <FormDialog
      title={t.metadataTitle(aggregate.name)}
      verb={ui.save}
      refuse={refuse}
      preview={{
        command: [command('set', set), command('unset', unset)].filter(Boolean).join('\n'),
        call: {
          method: 'POST',
          url: `${services.compute?.url ?? ''}/os-aggregates/${aggregate.id}/action`,
          body: { set_metadata: { metadata: change } },
        },
      }}
      submit={async () => {
        await aggregateWrites.setMetadata(aggregate.id, change);
        await queries.invalidateQueries({ queryKey: ['aggregate'] });
      }}
      close={close}
    >
      <Textarea
        label={t.metadataLabel}
        description={t.metadataHint}
        autosize
        minRows={4}
        maxRows={14}
        data-autofocus
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
