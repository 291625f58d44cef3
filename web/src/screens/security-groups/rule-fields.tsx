import { Checkbox, Group, Input, SegmentedControl, Select, SimpleGrid, TextInput } from '@mantine/core';
import { securityGroups, type SecurityGroup } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Fields } from '#ui/use-fields.ts';
import { called } from '../networks/names.ts';
import type { RuleProblem, RuleValues } from './rule-form.ts';
import { ruleTexts } from './rule-texts.ts';

type Props = { readonly fields: Fields<RuleValues>; readonly problem: RuleProblem | null };

/** Direction, what, and the other end. */
export function RuleFields({ fields, problem, ownGroup }: Props & { readonly ownGroup: SecurityGroup }) {
  const t = useText(ruleTexts);
  const { values } = fields;
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Choice
          label={t.direction}
          value={values.direction}
          choose={(value) => fields.set('direction', value as RuleValues['direction'])}
          data={[
            { value: 'ingress', label: t.ingress },
            { value: 'egress', label: t.egress },
          ]}
        />
        <Choice
          label={t.protocol}
          value={values.protocol}
          choose={(value) => fields.set('protocol', value as RuleValues['protocol'])}
          data={[
            { value: 'tcp', label: 'TCP' },
            { value: 'udp', label: 'UDP' },
            { value: 'icmp', label: 'ICMP' },
            { value: 'other', label: t.other },
            { value: 'any', label: t.any },
          ]}
        />
      </SimpleGrid>
      <Details fields={fields} problem={problem} />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Choice
          label={t.remoteLabel}
          value={values.remote}
          choose={(value) => fields.set('remote', value as RuleValues['remote'])}
          data={[
            { value: 'anyone', label: t.remoteAnyone },
            { value: 'cidr', label: t.remoteCidr },
            { value: 'group', label: t.remoteGroup },
          ]}
        />
        <Remote fields={fields} problem={problem} ownGroup={ownGroup} />
      </SimpleGrid>
    </>
  );
}

function Details({ fields, problem }: Props) {
  const t = useText(ruleTexts);
  switch (fields.values.protocol) {
    case 'any':
      return null;
    case 'other':
      return (
        <TextInput
          label={t.otherLabel}
          description={t.otherHint}
          error={problem === 'other' && fields.values.other !== '' ? t.wrongOther : undefined}
          {...fields.text('other')}
        />
      );
    case 'icmp':
      return (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput
            label={t.icmpType}
            description={t.icmpHint}
            inputMode="numeric"
            error={problem === 'icmp' ? t.wrongIcmp : undefined}
            {...fields.text('icmpType')}
          />
          <TextInput label={t.icmpCode} description={t.icmpHint} inputMode="numeric" {...fields.text('icmpCode')} />
        </SimpleGrid>
      );
    default:
      return (
        <TextInput
          label={t.portsLabel}
          description={t.portsHint}
          data-autofocus
          error={problem === 'ports' && fields.values.ports !== '' ? t.wrongPorts : undefined}
          {...fields.text('ports')}
        />
      );
  }
}

function Remote({ fields, problem, ownGroup }: Props & { readonly ownGroup: SecurityGroup }) {
  const t = useText(ruleTexts);
  const { values } = fields;
  const { data } = useList(securityGroups, { all: false });
  const groups = [ownGroup, ...(data ?? []).filter(({ id }) => id !== ownGroup.id)];
  if (values.remote === 'cidr')
    return (
      <TextInput
        label={t.cidr}
        description={t.cidrHint}
        error={problem === 'cidr' && values.cidr !== '' ? t.wrongCidr : undefined}
        {...fields.text('cidr')}
      />
    );
  const versions = (
    <Input.Wrapper label={t.version} error={problem === 'family' ? t.wrongFamily : undefined}>
      <Group mt={6}>
        <Checkbox label={t.ipv4} {...fields.check('ipv4')} />
        <Checkbox label={t.ipv6} {...fields.check('ipv6')} />
      </Group>
    </Input.Wrapper>
  );
  if (values.remote === 'anyone') return versions;
  return (
    <>
      <Select
        label={t.group}
        searchable
        value={values.group === '' ? null : values.group}
        onChange={(id) => fields.set('group', id ?? '')}
        data={groups.map((group) => ({ value: group.id, label: called(group) }))}
      />
      {versions}
    </>
  );
}

/** One of a few, all of them to be seen. */
function Choice({
  label,
  value,
  choose,
  data,
}: {
  readonly label: string;
  readonly value: string;
  readonly choose: (value: string) => void;
  readonly data: { readonly value: string; readonly label: string }[];
}) {
  return (
    <Input.Wrapper label={label} labelElement="div">
      <SegmentedControl fullWidth aria-label={label} value={value} onChange={choose} data={data} />
    </Input.Wrapper>
  );
}
