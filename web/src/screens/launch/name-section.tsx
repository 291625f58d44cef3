import { Grid, NumberInput, Text, TextInput } from '@mantine/core';
import { useText } from '#i18n/catalogue.ts';
import { uiTexts } from '#ui/texts.ts';
import { MAX_COUNT, namesInShort } from './form.ts';
import { Section } from './section.tsx';
import { launchTexts } from './texts.ts';
import type { Launch } from './use-launch.ts';

export function NameSection({ launch: { fields, form } }: { readonly launch: Launch }) {
  const t = useText(launchTexts);
  const ui = useText(uiTexts);
  return (
    <Section title={t.basics}>
      <Grid>
        <Grid.Col span={{ base: 12, xs: 9 }}>
          <TextInput
            label={ui.name}
            description={t.nameHint}
            required
            data-autofocus
            autoFocus
            maxLength={255}
            autoComplete="off"
            {...fields.text('name')}
          />
        </Grid.Col>
        <Grid.Col span={{ base: 12, xs: 3 }}>
          <NumberInput
            label={t.count}
            description={'\u00a0'}
            min={1}
            max={MAX_COUNT}
            allowDecimal={false}
            value={form.count || ''}
            onChange={(value) => fields.set('count', Number(value))}
          />
        </Grid.Col>
      </Grid>
      {form.count > 1 && form.name.trim() !== '' && (
        <Text size="sm" c="dimmed" role="status">
          {t.willBeNamed(namesInShort(form.name.trim(), form.count))}
        </Text>
      )}
    </Section>
  );
}
