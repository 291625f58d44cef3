import { Fieldset, Select, SimpleGrid, Switch, TextInput } from '@mantine/core';
import { projects } from '#api/identity/identity.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Fields } from '#ui/use-fields.ts';
import { hasPhysical, hasSegment, providerTypes, segmentWrong, type NetworkValues } from './network-form.ts';
import { networkTexts } from './texts.ts';

/** What only administrators decide of a new network. */
export function NetworkAdminFields({ fields }: { readonly fields: Fields<NetworkValues> }) {
  const t = useText(networkTexts);
  const { values } = fields;
  const { data } = useList(projects);
  return (
    <Fieldset legend={t.forAdmins}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Switch label={t.shared} description={t.sharedHint} {...fields.check('shared')} />
        <Switch label={t.external} description={t.externalHint} {...fields.check('external')} />
        <Select
          label={t.project}
          searchable
          value={values.project}
          onChange={(project) => fields.set('project', project ?? '')}
          data={[
            { value: '', label: t.ownProject },
            ...(data ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
        <Select
          label={t.providerType}
          value={values.providerType}
          onChange={(type) => fields.set('providerType', type ?? '')}
          data={[
            { value: '', label: t.automatic },
            ...providerTypes.map((type) => ({ value: type, label: type.toUpperCase() })),
          ]}
        />
        {hasPhysical(values.providerType) && (
          <TextInput label={t.physical} maxLength={64} {...fields.text('physical')} />
        )}
        {hasSegment(values.providerType) && (
          <TextInput
            label={t.segment}
            inputMode="numeric"
            error={segmentWrong(values.segment) ? t.segmentRange : undefined}
            {...fields.text('segment')}
          />
        )}
      </SimpleGrid>
    </Fieldset>
  );
}
