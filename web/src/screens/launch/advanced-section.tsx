import { ActionIcon, Button, Group, Select, SimpleGrid, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { availabilityZones } from '#api/compute/hosts.ts';
import { groupPolicies, serverGroups } from '#api/compute/server-groups.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { CreateGroupDialog } from '#screens/server-groups/create-dialog.tsx';
import { groupTexts } from '#screens/server-groups/texts.ts';
import { useDialog } from '#ui/dialogs.tsx';
import { uiTexts } from '#ui/texts.ts';
import { launchTexts } from './texts.ts';
import type { Launch } from './use-launch.ts';

/** What most launches leave alone. */
export function Advanced({ launch }: { readonly launch: Launch }) {
  const t = useText(launchTexts);
  const ui = useText(uiTexts);
  const of = useText(groupTexts);
  const { fields, form } = launch;
  const { data: zones = [] } = useList(availabilityZones);
  const { data: groups = [] } = useList(serverGroups);
  const open = useDialog();
  return (
    <Stack gap="sm">
      <TextInput label={ui.description} maxLength={255} {...fields.text('description')} />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          label={t.zone}
          allowDeselect={false}
          data={[
            { value: '', label: t.anyZone },
            ...zones.filter(({ available }) => available).map(({ id }) => ({ value: id, label: id })),
          ]}
          value={form.zone}
          onChange={(zone) => fields.set('zone', zone ?? '')}
        />
        <Group align="flex-end" gap="xs" wrap="nowrap">
          <Select
            label={t.group}
            style={{ flex: 1 }}
            placeholder={t.noGroup}
            clearable
            data={groups.map(({ id, name, policy }) => {
              const known = groupPolicies.find((one) => one === policy);
              return { value: id, label: `${name} · ${known ? of.policyName(known) : policy}` };
            })}
            value={form.groupId}
            onChange={(id) => fields.set('groupId', id)}
          />
          <ActionIcon
            size="lg"
            variant="default"
            aria-label={t.newGroup}
            title={t.newGroup}
            onClick={() =>
              open((close) => <CreateGroupDialog close={close} made={(id) => fields.set('groupId', id)} />)
            }
          >
            <IconPlus size={16} />
          </ActionIcon>
        </Group>
      </SimpleGrid>
      <TagsInput
        label={t.tags}
        description={t.tagsHint}
        maxTags={50}
        maxLength={60}
        splitChars={[',', '/']}
        value={[...form.tags]}
        onChange={(tags) => fields.set('tags', tags)}
      />
      <Metadata launch={launch} />
    </Stack>
  );
}

function Metadata({ launch: { fields, form } }: { readonly launch: Launch }) {
  const t = useText(launchTexts);
  const pairs = form.metadata;
  return (
    <div role="group" aria-label={t.metadata}>
      <Text size="sm" fw={500}>
        {t.metadata}
      </Text>
      <Text size="xs" c="dimmed" mb={4}>
        {t.metadataHint}
      </Text>
      <Stack gap={6}>
        {pairs.map(({ key, value }, at) => (
          <Group key={at} gap="xs" wrap="nowrap">
            <TextInput
              aria-label={t.key}
              placeholder={t.key}
              value={key}
              maxLength={255}
              style={{ flex: 1 }}
              onChange={(event) => fields.set('metadata', pairs.with(at, { key: event.currentTarget.value, value }))}
            />
            <TextInput
              aria-label={t.value}
              placeholder={t.value}
              value={value}
              maxLength={255}
              style={{ flex: 1 }}
              onChange={(event) => fields.set('metadata', pairs.with(at, { key, value: event.currentTarget.value }))}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t.removePair(key)}
              onClick={() => fields.set('metadata', pairs.toSpliced(at, 1))}
            >
              <IconX size={16} />
            </ActionIcon>
          </Group>
        ))}
        <Button
          size="xs"
          variant="default"
          style={{ alignSelf: 'flex-start' }}
          leftSection={<IconPlus size={14} />}
          onClick={() => fields.set('metadata', [...pairs, { key: '', value: '' }])}
        >
          {t.addPair}
        </Button>
      </Stack>
    </div>
  );
}
