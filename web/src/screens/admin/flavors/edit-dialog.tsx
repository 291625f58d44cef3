import { Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { flavorAccess } from '#api/compute/flavors-admin.ts';
import type { Flavor } from '#api/compute/flavors.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { apply, previewOf } from './apply.ts';
import { changesBetween, settingsOf } from './changes.ts';
import { SettingsFields, useSpecsTrouble } from './settings-fields.tsx';
import { flavorTexts } from './texts.ts';

/** Changes a flavor: opened when it is known who may use it. */
export function EditFlavorDialog({ flavor, close }: { readonly flavor: Flavor; readonly close: () => void }) {
  const isPublic = flavor['os-flavor-access:is_public'];
  const access = useQuery({
    queryKey: ['flavor', 'part', flavor.id, 'access'],
    queryFn: ({ signal }) => flavorAccess(flavor.id, signal),
    enabled: !isPublic,
    staleTime: 0,
  });
  if (!isPublic && !access.data) return null;
  return <Form flavor={flavor} projects={access.data ?? []} close={close} />;
}

function Form({
  flavor,
  projects,
  close,
}: {
  readonly flavor: Flavor;
  readonly projects: readonly string[];
  readonly close: () => void;
}) {
  const t = useText(flavorTexts);
  const ui = useText(uiTexts);
  const queries = useQueryClient();
  const { services } = useSignedIn();
  const before = settingsOf(flavor, projects);
  const fields = useFields(before);
  const changes = changesBetween(before, fields.values);
  const trouble = useSpecsTrouble(fields.values);
  return (
    <FormDialog
      title={t.editTitle(flavor.name)}
      verb={ui.save}
      refuse={trouble ?? (changes.length === 0 ? t.nothingChanged : null)}
      preview={previewOf(services.compute?.url ?? '', flavor.id, changes)}
      submit={async () => {
        try {
          // One after another: each is small, and what fails is told by itself.
          for (const change of changes) await apply(flavor.id, change);
        } finally {
          await queries.invalidateQueries({ queryKey: ['flavor'] });
        }
      }}
      close={close}
    >
      <Text size="sm" c="dimmed">
        {t.fixed}
      </Text>
      <SettingsFields
        values={fields.values}
        change={(part) => fields.setAll({ ...fields.values, ...part })}
        isPublic={flavor['os-flavor-access:is_public']}
      />
    </FormDialog>
  );
}
