import { Alert, Chip, Group, List, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import type { SecurityGroup } from '#api/network/networks.ts';
import { createRules, createRulesCall, type NewRule, type RuleContent } from '#api/network/security-group-writes.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { called } from '../networks/names.ts';
import { useReread } from '../networks/use-network.ts';
import { RuleFields } from './rule-fields.tsx';
import { emptyRule, presets, ruleProblem, rulesIn, withPreset, type PresetId, type RuleValues } from './rule-form.ts';
import { covers, exposes, fingerprint, protocolOf } from './rule.ts';
import { ruleTexts } from './rule-texts.ts';
import { useRules } from './rules-table.tsx';
import { useRuleWords } from './use-rule-words.ts';

/** The rule editor: presets fill the form, the form says in words what it will allow before it is sent. */
export function RuleDialog({
  group,
  initial,
  close,
}: {
  readonly group: SecurityGroup;
  readonly initial?: Partial<RuleValues>;
  readonly close: () => void;
}) {
  const t = useText(ruleTexts);
  const reread = useReread();
  const { data: present = group.security_group_rules } = useRules(group.id);
  const fields = useFields<RuleValues>({ ...emptyRule, ...initial });
  const problem = ruleProblem(fields.values);
  const wanted = problem === null ? rulesIn(fields.values) : [];
  const known = new Set(present.map(fingerprint));
  const fresh = wanted.filter((rule) => !known.has(fingerprint(rule)));
  const bodies: readonly NewRule[] = fresh.map((rule) => ({ ...rule, security_group_id: group.id }));
  const problemWords =
    problem === null
      ? null
      : {
          ports: t.wrongPorts,
          icmp: t.wrongIcmp,
          other: t.wrongOther,
          cidr: t.wrongCidr,
          group: t.wrongGroup,
          family: t.wrongFamily,
        }[problem];
  return (
    <FormDialog
      title={t.addTitle(called(group))}
      verb={t.add(Math.max(1, fresh.length))}
      size="xl"
      refuse={problemWords ?? (fresh.length === 0 ? t.duplicate : null)}
      close={close}
      preview={{
        command: fresh.map((rule) => ruleCommand(rule, called(group))).join('\n'),
        call: createRulesCall(bodies),
      }}
      submit={async () => {
        await createRules(bodies);
        reread('security_group_rule', 'security_group');
      }}
    >
      <Presets
        label={t.presets}
        choose={(id) => fields.setAll(withPreset(fields.values, id, group.id))}
        chosen={chosenIn(fields.values, group.id)}
      />
      <RuleFields fields={fields} problem={problem} ownGroup={group} />
      <TextInput label={useText(uiTexts).description} maxLength={255} {...fields.text('description')} />
      <Outcome fresh={fresh} left={wanted.length - fresh.length} present={present} />
    </FormDialog>
  );
}

/** The preset that the form stands at. */
const chosenIn = (values: RuleValues, own: string): PresetId | null =>
  presets.find(({ id }) => {
    const there = withPreset(values, id, own);
    return (Object.keys(there) as (keyof RuleValues)[]).every((name) => there[name] === values[name]);
  })?.id ?? null;

function Presets({
  label,
  choose,
  chosen,
}: {
  readonly label: string;
  readonly choose: (id: PresetId) => void;
  readonly chosen: PresetId | null;
}) {
  const t = useText(ruleTexts);
  const words: Readonly<Partial<Record<PresetId, string>>> = {
    ping: t.presetPing,
    within: t.presetWithin,
    allTcp: t.presetAllTcp,
    allUdp: t.presetAllUdp,
    allIcmp: t.presetAllIcmp,
    everything: t.presetEverything,
  };
  return (
    <div role="group" aria-label={label}>
      <Text size="sm" fw={500} mb={4}>
        {label}
      </Text>
      <Chip.Group value={chosen} onChange={(id) => choose(id)}>
        <Group gap={6}>
          {presets.map((preset) => (
            <Chip key={preset.id} size="xs" value={preset.id}>
              {words[preset.id] ?? preset.label}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </div>
  );
}

/** What it will allow, what is there already, and what one would rather not open to everybody. */
function Outcome({
  fresh,
  left,
  present,
}: {
  readonly fresh: readonly RuleContent[];
  readonly left: number;
  readonly present: readonly RuleContent[];
}) {
  const t = useText(ruleTexts);
  const format = useFormat();
  const words = useRuleWords();
  const open = fresh.map(exposes);
  const services = [...new Set(open.flatMap((one) => (one === 'all' ? [] : one)))];
  const wide = fresh.map((rule) => present.find((one) => covers(one, rule))).find((one) => one !== undefined);
  if (fresh.length === 0) return null;
  return (
    <div role="status">
      <Text size="sm" fw={500}>
        {t.outcome}
      </Text>
      <List size="sm">
        {fresh.map((rule) => (
          <List.Item key={fingerprint(rule)}>
            {words(rule)} <Text span size="xs" c="dimmed">{`(${rule.ethertype})`}</Text>
          </List.Item>
        ))}
      </List>
      {left > 0 && (
        <Text size="sm" c="dimmed">
          {t.someDuplicate}
        </Text>
      )}
      {wide && (
        <Alert color="gray" variant="light" mt="xs" icon={<IconInfoCircle />}>
          {t.covered(words(wide))}
        </Alert>
      )}
      {(open.includes('all') || services.length > 0) && (
        <Alert color="orange" variant="light" mt="xs" icon={<IconAlertTriangle />}>
          {open.includes('all') ? t.exposedAll : t.exposed(format.list(services))}
        </Alert>
      )}
    </div>
  );
}

/** `openstack security group rule create …` */
export function ruleCommand(rule: RuleContent, group: string): string {
  const { port_range_min: min, port_range_max: max } = rule;
  const icmp = ['1', '58'].includes(protocolOf(rule) ?? '');
  return commandLine(
    'openstack security group rule create',
    rule.direction === 'egress' && '--egress',
    rule.ethertype === 'IPv6' && ['--ethertype', 'IPv6'],
    ['--protocol', rule.protocol ?? 'any'],
    min !== null && icmp && ['--icmp-type', String(min)],
    max !== null && icmp && ['--icmp-code', String(max)],
    min !== null && !icmp && ['--dst-port', min === max ? String(min) : `${min}:${max}`],
    rule.remote_ip_prefix !== null && ['--remote-ip', rule.remote_ip_prefix],
    rule.remote_group_id !== null && ['--remote-group', rule.remote_group_id],
    rule.description !== undefined && rule.description !== '' && ['--description', rule.description],
    [group],
  );
}
