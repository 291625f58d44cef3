import { NumberInput, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { createServerGroup, groupPolicies, newServerGroup, type GroupPolicy } from '#api/compute/server-groups.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { groupTexts } from './texts.ts';

/** Makes a server group. */
export function CreateGroupDialog({
  close,
  made,
}: {
  readonly close: () => void;
  readonly made?: (id: string) => void;
}) {
  const t = useText(groupTexts);
  const ui = useText(uiTexts);
  const queries = useQueryClient();
  const compute = useSignedIn().services.compute?.url ?? '';
  const fields = useFields<{ name: string; policy: GroupPolicy; perHost: number | string }>({
    ...{ name: '', policy: 'anti-affinity', perHost: '' },
  });
  const { name, policy } = fields.values;
  const perHost =
    policy === 'anti-affinity' && typeof fields.values.perHost === 'number' ? fields.values.perHost : null;
  return (
    <FormDialog
      title={t.create}
      verb={ui.create}
      refuse={name.trim() === '' ? t.noName : null}
      preview={{
        command: commandLine(
          'openstack server group create',
          ['--policy', policy],
          perHost !== null && ['--rule', `max_server_per_host=${perHost}`],
          [name.trim() || 'NAME'],
        ),
        call: { method: 'POST', url: `${compute}/os-server-groups`, body: newServerGroup(name, policy, perHost) },
      }}
      submit={async () => {
        const group = await createServerGroup(name.trim(), policy, perHost);
        await queries.invalidateQueries({ queryKey: ['server_group'] });
        made?.(group.id);
      }}
      close={close}
    >
      <TextInput label={ui.name} required data-autofocus maxLength={255} {...fields.text('name')} />
      <Radio.Group label={t.policy} value={policy} onChange={(value) => fields.set('policy', value)}>
        <Stack gap="xs" mt={4}>
          {groupPolicies.map((one) => (
            <Radio
              key={one}
              value={one}
              label={
                <>
                  {t.policyName(one)}{' '}
                  <Text span size="xs" c="dimmed" ff="monospace">
                    {one}
                  </Text>
                </>
              }
              description={t.policyText(one)}
            />
          ))}
        </Stack>
      </Radio.Group>
      {policy === 'anti-affinity' && (
        <NumberInput
          label={t.maxPerHost}
          description={t.maxPerHostHint}
          min={1}
          allowDecimal={false}
          value={fields.values.perHost}
          onChange={(value) => fields.set('perHost', value)}
        />
      )}
    </FormDialog>
  );
}
