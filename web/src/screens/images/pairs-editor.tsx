import { ActionIcon, Autocomplete, Button, Group, Stack, Text } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useText } from '#i18n/catalogue.ts';
import { imageTexts } from './texts.ts';

export interface Pair {
  readonly key: string;
  readonly value: string;
}
/** What keys there are, and which values they take; empty: any. */
export type Suggestions = ReadonlyMap<string, { readonly values: readonly string[]; readonly description: string }>;

/** Keys and values, with what is known of them. */
export function PairsEditor({
  label,
  hint,
  pairs,
  change,
  known,
}: {
  readonly label: string;
  readonly hint: string;
  readonly pairs: readonly Pair[];
  readonly change: (pairs: readonly Pair[]) => void;
  readonly known: Suggestions;
}) {
  const t = useText(imageTexts);
  const used = new Set(pairs.map(({ key }) => key));
  const keys = [...known.keys()].filter((key) => !used.has(key)).toSorted();
  return (
    <div role="group" aria-label={label}>
      <Text size="sm" fw={500}>
        {label}
      </Text>
      <Text size="xs" c="dimmed" mb={4}>
        {hint}
      </Text>
      <Stack gap={6}>
        {pairs.map(({ key, value }, at) => (
          <div key={at}>
            <Group gap="xs" wrap="nowrap">
              <Autocomplete
                aria-label={t.key}
                placeholder={t.key}
                data={keys}
                limit={30}
                maxLength={255}
                value={key}
                style={{ flex: 3 }}
                onChange={(next) => change(pairs.with(at, { key: next, value }))}
              />
              <Autocomplete
                aria-label={key === '' ? t.value : `${t.value}: ${key}`}
                placeholder={t.value}
                data={[...(known.get(key)?.values ?? [])]}
                limit={30}
                value={value}
                style={{ flex: 4 }}
                // What is there already would hide the others.
                filter={({ options }) => options}
                onChange={(next) => change(pairs.with(at, { key, value: next }))}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t.removePair(key)}
                onClick={() => change(pairs.toSpliced(at, 1))}
              >
                <IconX size={16} />
              </ActionIcon>
            </Group>
            {known.get(key)?.description && (
              <Text size="xs" c="dimmed">
                {known.get(key)?.description}
              </Text>
            )}
          </div>
        ))}
        <Button
          size="xs"
          variant="default"
          style={{ alignSelf: 'flex-start' }}
          leftSection={<IconPlus size={14} />}
          onClick={() => change([...pairs, { key: '', value: '' }])}
        >
          {t.addPair}
        </Button>
      </Stack>
    </div>
  );
}
