import { NumberInput, SimpleGrid, Stack, Switch, TagsInput, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { PATCH_TYPE, patchImage } from '#api/image/changes.ts';
import { images, type Image } from '#api/image/images.ts';
import { patch } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine, type Preview } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { VisibilityChoice } from './add-dialog.tsx';
import { commonProperties } from './known-properties.ts';
import { PairsEditor } from './pairs-editor.tsx';
import { commandWords, propertyTrouble, stepsBetween, valuesOf, type ImageValues } from './properties.ts';
import { imageTexts } from './texts.ts';
import { useKnown } from './use-known.ts';

/** All that can be changed of an image. */
export function EditImageDialog({ image, close }: { readonly image: Image; readonly close: () => void }) {
  const t = useText(imageTexts);
  const ui = useText(uiTexts);
  const { isAdmin, project, services } = useSignedIn();
  const queries = useQueryClient();
  const before = valuesOf(image);
  const fields = useFields<ImageValues>(before);
  const { values, set } = fields;
  const known = useKnown('OS::Glance::Image', commonProperties);
  const steps = stepsBetween(before, values);
  const trouble = propertyTrouble(values);
  const refuse = trouble
    ? trouble.what === 'twice'
      ? t.keyTwice(trouble.key)
      : t.keyReserved(trouble.key)
    : steps.length === 0
      ? t.nothingChanged
      : null;
  return (
    <FormDialog
      title={t.editTitle(image.name ?? image.id)}
      verb={ui.save}
      refuse={refuse}
      preview={previewOf(services.image?.url ?? '', image, before, values)}
      submit={async () => {
        const changed = await patchImage(image.id, steps);
        patch(queries, images, image.id, changed, project.id);
        await queries.invalidateQueries({ queryKey: ['image', 'list'] });
      }}
      close={close}
    >
      <Stack gap="sm">
        <TextInput label={ui.name} data-autofocus maxLength={255} {...fields.text('name')} />
        <VisibilityChoice
          value={values.visibility}
          change={(visibility) => set('visibility', visibility)}
          publicToo={isAdmin}
        />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <NumberInput
            label={t.minDisk}
            min={0}
            allowDecimal={false}
            value={values.min_disk}
            onChange={(value) => set('min_disk', Number(value))}
          />
          <NumberInput
            label={t.minRam}
            min={0}
            step={128}
            allowDecimal={false}
            value={values.min_ram}
            onChange={(value) => set('min_ram', Number(value))}
          />
        </SimpleGrid>
        <Switch label={t.protected} {...fields.check('protected')} />
        <Switch label={t.hiddenSwitch} {...fields.check('os_hidden')} />
        <TagsInput
          label={t.tags}
          description={t.tagsHint}
          value={[...values.tags]}
          onChange={(tags) => set('tags', tags)}
        />
        <PairsEditor
          label={t.properties}
          hint={t.propertiesHint}
          pairs={values.properties}
          change={(properties) => set('properties', properties)}
          known={known}
        />
      </Stack>
    </FormDialog>
  );
}

function previewOf(url: string, image: Image, before: ImageValues, after: ImageValues): Preview {
  const { set, unset } = commandWords(before, after);
  const lines = [
    ...(set.length > 0 ? [commandLine('openstack image set', ...set, [image.id])] : []),
    ...(unset.length > 0 ? [commandLine('openstack image unset', ...unset, [image.id])] : []),
  ];
  return {
    command: lines.join('\n'),
    call: {
      method: 'PATCH',
      url: `${url}/images/${image.id} (content-type: ${PATCH_TYPE})`,
      body: stepsBetween(before, after),
    },
  };
}
