import { MultiSelect, TextInput } from '@mantine/core';
import { projects } from '#api/identity/identity.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { PairsEditor } from '#screens/images/pairs-editor.tsx';
import { useKnown } from '#screens/images/use-known.ts';
import { uiTexts } from '#ui/texts.ts';
import { badKey, keyTwice, type FlavorSettings } from './changes.ts';
import { commonSpecs } from './known-specs.ts';
import { flavorTexts } from './texts.ts';

/** What can be changed at any time: description, extra specs, and who may use a private one. */
export function SettingsFields({
  values,
  change,
  isPublic,
}: {
  readonly values: FlavorSettings;
  readonly change: (part: Partial<FlavorSettings>) => void;
  readonly isPublic: boolean;
}) {
  const t = useText(flavorTexts);
  const ui = useText(uiTexts);
  const { data: all = [] } = useList(projects);
  const known = useKnown('OS::Nova::Flavor', commonSpecs);
  return (
    <>
      {!isPublic && (
        <MultiSelect
          label={t.projects}
          searchable
          data={all.map(({ id, name }) => ({ value: id, label: name }))}
          value={[...values.projects]}
          onChange={(ids) => change({ projects: ids })}
          {...(values.projects.length === 0 && { description: t.noProjects })}
        />
      )}
      <TextInput
        label={ui.description}
        value={values.description}
        onChange={(event) => change({ description: event.currentTarget.value })}
      />
      <PairsEditor
        label={t.specs}
        hint={t.specsHint}
        pairs={values.specs}
        change={(specs) => change({ specs })}
        known={known}
      />
    </>
  );
}

/** Why the extra specs cannot be saved. */
export function useSpecsTrouble(values: FlavorSettings): string | null {
  const t = useText(flavorTexts);
  const twice = keyTwice(values.specs);
  const bad = badKey(values.specs);
  return twice !== null ? t.keyTwice(twice) : bad !== null ? t.badKey(bad) : null;
}
