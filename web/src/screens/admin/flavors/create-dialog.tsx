import { NumberInput, SimpleGrid, Switch, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { createFlavor, type NewFlavor } from '#api/compute/flavors-admin.ts';
import { flavors, type Flavor } from '#api/compute/flavors.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { textOf, useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { wordsOf } from '#ui/error-notice.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { apply, previewOf } from './apply.ts';
import { changesBetween, settingsOf, type Change, type FlavorSettings } from './changes.ts';
import { SettingsFields, useSpecsTrouble } from './settings-fields.tsx';
import { flavorTexts } from './texts.ts';

interface Values extends FlavorSettings {
  readonly name: string;
  readonly id: string;
  readonly vcpus: number;
  readonly ram: number;
  readonly disk: number;
  readonly ephemeral: number;
  readonly swap: number;
  readonly isPublic: boolean;
}

const initial = (like: Flavor | null): Values => ({
  ...(like ? settingsOf(like, []) : { description: '', specs: [], projects: [] }),
  ...{ name: '', id: '', vcpus: like?.vcpus ?? 1, ram: like?.ram ?? 1024, disk: like?.disk ?? 10 },
  ephemeral: like?.['OS-FLV-EXT-DATA:ephemeral'] ?? 0,
  swap: Number(like?.swap ?? 0),
  isPublic: like?.['os-flavor-access:is_public'] ?? true,
});

/** A new flavor, perhaps like another. */
export function CreateFlavorDialog({
  like = null,
  close,
}: {
  readonly like?: Flavor | null;
  readonly close: () => void;
}) {
  const t = useText(flavorTexts);
  const ui = useText(uiTexts);
  const { data: all = [] } = useList(flavors, { all: true });
  const fields = useFields<Values>(() => initial(like));
  const { values, set } = fields;
  const { preview, submit } = useCreation(values);
  const trouble = useSpecsTrouble(values);
  const name = values.name.trim();
  const refuse =
    name === ''
      ? t.noName
      : all.some((one) => one.name === name)
        ? t.nameTaken(name)
        : values.vcpus < 1 || values.ram < 1
          ? t.tooSmall
          : trouble;
  const figure = (key: 'vcpus' | 'ram' | 'disk' | 'ephemeral' | 'swap', label: string, step = 1, min = 0) => (
    <NumberInput
      label={label}
      min={min}
      step={step}
      allowDecimal={false}
      value={values[key]}
      onChange={(value) => set(key, Number(value))}
    />
  );
  return (
    <FormDialog title={t.create} verb={ui.create} refuse={refuse} preview={preview} submit={submit} close={close}>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput label={ui.name} required data-autofocus maxLength={255} {...fields.text('name')} />
        <TextInput label={t.flavorId} placeholder={t.flavorIdHint} maxLength={255} {...fields.text('id')} />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, xs: 3 }}>
        {figure('vcpus', t.vcpus, 1, 1)}
        {figure('ram', t.memoryMib, 512, 1)}
        {figure('disk', t.diskGib)}
        {figure('ephemeral', t.ephemeralGib)}
        {figure('swap', t.swapMib, 512)}
      </SimpleGrid>
      <Switch label={t.isPublic} {...fields.check('isPublic')} />
      <SettingsFields
        values={values}
        change={(part) => fields.setAll({ ...values, ...part })}
        isPublic={values.isPublic}
      />
    </FormDialog>
  );
}

/** Makes the flavor and then what is set apart; tried again, it goes on where it stopped. */
function useCreation(values: Values) {
  const queries = useQueryClient();
  const url = useSignedIn().services.compute?.url ?? '';
  const made = useRef<{ readonly id: string; done: number } | null>(null);
  const flavor: NewFlavor = {
    name: values.name.trim(),
    id: values.id.trim() || 'auto',
    ...{ vcpus: values.vcpus, ram: values.ram, disk: values.disk, swap: values.swap },
    'OS-FLV-EXT-DATA:ephemeral': values.ephemeral,
    'os-flavor-access:is_public': values.isPublic,
    description: values.description.trim() || null,
  };
  const none = { description: values.description, specs: [], projects: [] };
  const changes: readonly Change[] = changesBetween(none, {
    ...values,
    projects: values.isPublic ? [] : values.projects,
  });
  const id = values.id.trim() || 'FLAVOR_ID';
  const rest = previewOf(url, id, changes);
  const create = commandLine(
    'openstack flavor create',
    values.id.trim() !== '' && ['--id', values.id.trim()],
    ['--vcpus', `${values.vcpus}`, '--ram', `${values.ram}`, '--disk', `${values.disk}`],
    values.ephemeral > 0 && ['--ephemeral', `${values.ephemeral}`],
    values.swap > 0 && ['--swap', `${values.swap}`],
    !values.isPublic && ['--private'],
    flavor.description !== null && ['--description', flavor.description],
    [flavor.name || 'NAME'],
  );
  return {
    preview: {
      command: [create, rest.command].filter(Boolean).join('\n'),
      call: [{ method: 'POST', url: `${url}/flavors`, body: { flavor } }, ...[rest.call].flat()],
    },
    async submit(): Promise<void> {
      try {
        made.current ??= { id: (await createFlavor(flavor)).id, done: 0 };
        const { current } = made;
        for (const change of changes.slice(current.done)) {
          await apply(current.id, change);
          current.done++;
        }
      } catch (error) {
        if (!made.current) throw error;
        throw new Error(`${textOf(flavorTexts).partly(flavor.name)} ${wordsOf(error)}`, { cause: error });
      } finally {
        await queries.invalidateQueries({ queryKey: ['flavor'] });
      }
    },
  };
}
