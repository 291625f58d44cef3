import { Anchor, Button, Group, MultiSelect, Select, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useText } from '#i18n/catalogue.ts';
import { CreateKeypairDialog } from '#screens/keypairs/create-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { lets } from './reachable.ts';
import { Section } from './section.tsx';
import { launchTexts } from './texts.ts';
import type { Launch } from './use-launch.ts';

/** Who gets in: security groups and the key pair. */
export function AccessSection({ launch }: { readonly launch: Launch }) {
  const t = useText(launchTexts);
  const { fields, offer, choices } = launch;
  const open = useDialog();
  return (
    <Section title={t.access}>
      <GroupChoice launch={launch} />
      <Group align="flex-end" gap="xs">
        <Select
          label={t.keyPair}
          style={{ flex: '1 1 14rem' }}
          searchable
          allowDeselect={false}
          data={[
            ...(offer.keypairs ?? []).map(({ name }) => ({ value: name, label: name })),
            { value: '', label: t.noKey },
          ]}
          value={choices.keyName}
          onChange={(name) => fields.set('keyName', name ?? '')}
        />
        <Button
          variant="default"
          leftSection={<IconKey size={16} />}
          onClick={() =>
            open((close) => <CreateKeypairDialog close={close} made={(name) => fields.set('keyName', name)} />)
          }
        >
          {t.newKey}
        </Button>
      </Group>
      {choices.keyName === '' && (
        <Text size="sm" c="dimmed" role="status">
          {t.noKeyHint}
        </Text>
      )}
    </Section>
  );
}

function GroupChoice({ launch: { fields, offer, choices } }: { readonly launch: Launch }) {
  const t = useText(launchTexts);
  const apply = choices.networks.length === 0 || choices.networks.some(({ kind }) => kind === 'network');
  const hint =
    choices.securityGroups.length === 0 ? t.noGroups : lets(choices.securityGroups, 'tcp', 22) ? null : t.noSsh;
  if (!apply)
    return (
      <Text size="sm" c="dimmed">
        {t.groupsOfPorts}
      </Text>
    );
  return (
    <div>
      <MultiSelect
        label={t.securityGroups}
        searchable
        data={(offer.securityGroups ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        value={choices.securityGroups.map(({ id }) => id)}
        onChange={(ids) => fields.set('securityGroups', ids)}
      />
      {hint !== null && offer.securityGroups !== undefined && (
        <Text size="sm" c="dimmed" mt={4} role="status">
          {hint}{' '}
          <Anchor td="underline" size="sm" renderRoot={(props) => <Link to="/security-groups" {...props} />}>
            {t.editGroups}
          </Anchor>
        </Text>
      )}
    </div>
  );
}
