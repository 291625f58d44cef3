import { Anchor, Checkbox, Grid, Group, NumberInput, Radio, Select, SimpleGrid, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Image } from '#api/image/images.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { volumeTypes } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { diskNeeded } from './choices.ts';
import { sources } from './form.ts';
import { Section } from './section.tsx';
import { launchTexts } from './texts.ts';
import type { Launch } from './use-launch.ts';

/** From what it boots. */
export function SourceSection({ launch }: { readonly launch: Launch }) {
  const t = useText(launchTexts);
  const { fields, form } = launch;
  const hasVolumes = useSignedIn().services.volume !== undefined;
  return (
    <Section title={t.source}>
      {hasVolumes && (
        <Radio.Group aria-label={t.source} value={form.source} onChange={(source) => fields.set('source', source)}>
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
            {sources.map((source) => (
              <Radio.Card key={source} value={source} p="xs">
                <Group wrap="nowrap" align="flex-start" gap="xs">
                  <Radio.Indicator mt={2} />
                  <div>
                    <Text size="sm" fw={600}>
                      {t.sourceName(source)}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {t.sourceText(source)}
                    </Text>
                  </div>
                </Group>
              </Radio.Card>
            ))}
          </SimpleGrid>
        </Radio.Group>
      )}
      {(form.source === 'image' || form.source === 'newVolume') && <ImageChoice launch={launch} />}
      {form.source === 'volume' && <VolumeChoice launch={launch} />}
      {form.source === 'snapshot' && <SnapshotChoice launch={launch} />}
      {(form.source === 'newVolume' || form.source === 'snapshot') && <NewVolume launch={launch} />}
      {form.source !== 'image' && <Checkbox label={t.deleteVolume} {...fields.check('deleteVolume')} />}
    </Section>
  );
}

function ImageChoice({ launch: { fields, offer, choices } }: { readonly launch: Launch }) {
  const t = useText(launchTexts);
  const format = useFormat();
  const project = useSignedIn().project.id;
  const groupOf = ({ owner, visibility }: Image): string =>
    owner === project ? t.mine : visibility === 'public' ? t.public : t.others;
  const groups = [...Map.groupBy(offer.images ?? [], groupOf)].map(([group, members]) => ({
    group,
    items: members.map(({ id, name }) => ({ value: id, label: name || id })),
  }));
  const words = (image: Image): string =>
    [
      image.disk_format?.toUpperCase(),
      image.size === null ? undefined : format.bytes(image.size),
      t.needs(format.gib(diskNeeded(image)), image.min_ram > 0 ? format.mib(image.min_ram) : null),
    ]
      .filter(Boolean)
      .join(' · ');
  return (
    <>
      <Select
        label={t.image}
        placeholder={t.chooseImage}
        searchable
        required
        data={groups}
        value={choices.image?.id ?? null}
        onChange={(id) => fields.set('imageId', id)}
        renderOption={({ option }) => {
          const image = offer.images?.find(({ id }) => id === option.value);
          return (
            <div>
              <Text size="sm">{option.label}</Text>
              {image && (
                <Text size="xs" c="dimmed">
                  {words(image)}
                </Text>
              )}
            </div>
          );
        }}
        {...(choices.image && { description: words(choices.image) })}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
      />
      {offer.images?.length === 0 && (
        <Text size="sm">
          {t.noImages}{' '}
          <Anchor td="underline" renderRoot={(props) => <Link to="/images" {...props} />}>
            {t.addImage}
          </Anchor>
        </Text>
      )}
    </>
  );
}

function VolumeChoice({ launch: { fields, offer, choices } }: { readonly launch: Launch }) {
  const t = useText(launchTexts);
  const format = useFormat();
  return (
    <Select
      label={t.volume}
      placeholder={t.chooseVolume}
      searchable
      required
      data={(offer.volumes ?? []).map(({ id, name, size }) => ({
        value: id,
        label: `${name || id} · ${format.gib(size)}`,
      }))}
      value={choices.volume?.id ?? null}
      onChange={(id) => fields.set('volumeId', id)}
      {...(offer.volumes?.length === 0 && { error: t.noVolumes })}
    />
  );
}

function SnapshotChoice({ launch: { fields, offer, choices } }: { readonly launch: Launch }) {
  const t = useText(launchTexts);
  const format = useFormat();
  return (
    <Select
      label={t.snapshot}
      placeholder={t.chooseSnapshot}
      searchable
      required
      data={(offer.snapshots ?? []).map(({ id, name, size }) => ({
        value: id,
        label: `${name || id} · ${format.gib(size)}`,
      }))}
      value={choices.snapshot?.id ?? null}
      onChange={(id) => fields.set('snapshotId', id)}
      {...(offer.snapshots?.length === 0 && { error: t.noSnapshots })}
    />
  );
}

function NewVolume({ launch: { fields, form, choices } }: { readonly launch: Launch }) {
  const t = useText(launchTexts);
  const { data: types = [] } = useList(volumeTypes);
  return (
    <Grid>
      <Grid.Col span={{ base: 12, xs: 4 }}>
        <NumberInput
          label={t.size}
          min={1}
          allowDecimal={false}
          value={choices.volumeSize ?? ''}
          onChange={(value) => fields.set('volumeSize', value === '' ? null : Number(value))}
        />
      </Grid.Col>
      {types.length > 0 && (
        <Grid.Col span={{ base: 12, xs: 8 }}>
          <Select
            label={t.volumeType}
            placeholder={t.defaultType}
            clearable
            data={types.map(({ name }) => name)}
            value={form.volumeType}
            onChange={(type) => fields.set('volumeType', type)}
          />
        </Grid.Col>
      )}
    </Grid>
  );
}
