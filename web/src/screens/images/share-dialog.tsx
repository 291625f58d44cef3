import { Autocomplete } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Image } from '#api/image/images.ts';
import { shareImage } from '#api/image/members.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { imageTexts } from './texts.ts';

/** Offers an image to a project. */
export function ShareDialog({ image, close }: { readonly image: Image; readonly close: () => void }) {
  const t = useText(imageTexts);
  const { projects, services } = useSignedIn();
  const queries = useQueryClient();
  const [text, setText] = useState('');
  // One's own projects by name; others have only ids for us.
  const others = projects.filter(({ id }) => id !== image.owner);
  const project = others.find(({ name }) => name === text.trim())?.id ?? text.trim();
  return (
    <FormDialog
      title={`${t.share}: ${image.name ?? image.id}`}
      verb={t.shareVerb}
      refuse={project === '' ? t.projectHint : null}
      preview={{
        command: commandLine('openstack image add project', [image.id, project || 'PROJECT']),
        call: {
          method: 'POST',
          url: `${services.image?.url ?? ''}/images/${image.id}/members`,
          body: { member: project },
        },
      }}
      submit={async () => {
        await shareImage(image.id, project);
        await queries.invalidateQueries({ queryKey: ['image', 'part', image.id] });
      }}
      close={close}
    >
      <Autocomplete
        label={t.projectId}
        description={t.projectHint}
        required
        data-autofocus
        data={others.map(({ name }) => name)}
        value={text}
        onChange={setText}
      />
    </FormDialog>
  );
}
