import { Group, Text, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconArrowDownLeft, IconArrowUpRight, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { SecurityGroup, SecurityGroupRule } from '#api/network/networks.ts';
import { deleteRule, rulesOf } from '#api/network/security-group-writes.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useReread } from '../networks/use-network.ts';
import { exposes, partsOf } from './rule.ts';
import { ruleTexts } from './rule-texts.ts';
import { useRuleWords } from './use-rule-words.ts';

/** A group's rules; read again when any rule is made or deleted, here or elsewhere. */
export function useRules(group: string) {
  return useQuery({
    queryKey: ['security_group_rule', 'of', group],
    queryFn: ({ signal }) => rulesOf(group, signal),
    refetchInterval: 60_000,
  });
}

export function RulesTable({ group }: { readonly group: SecurityGroup }) {
  const t = useText(ruleTexts);
  const words = useRuleWords();
  const columns = useRuleColumns();
  const actions = useRuleActions();
  const query = useRules(group.id);
  // What comes in first: that is what one looks for.
  const data = useMemo(
    () => query.data?.toSorted((a, b) => b.direction.localeCompare(a.direction) || words(a).localeCompare(words(b))),
    [query.data, words],
  );
  return (
    <ResourceTable
      label={t.rules}
      query={{ ...query, data }}
      columns={columns}
      actions={actions}
      nameOf={words}
      empty={<Text size="sm">{t.noRules}</Text>}
    />
  );
}

function useRuleColumns(): readonly Column<SecurityGroupRule>[] {
  const t = useText(ruleTexts);
  const u = useText(uiTexts);
  const words = useRuleWords();
  return useMemo(() => {
    const ports = (rule: SecurityGroupRule): string => {
      const { what } = partsOf(rule, (id) => id);
      if (what.kind === 'ports') return what.ports;
      if (what.kind === 'icmp' || what.kind === 'ping')
        return [rule.port_range_min, rule.port_range_max].filter((value) => value !== null).join('/');
      return '–';
    };
    return [
      {
        id: 'summary',
        title: t.summary,
        value: words,
        cell: (rule) => <Summary words={words(rule)} exposed={exposes(rule).length > 0} />,
        width: 'minmax(14rem, 3fr)',
      },
      {
        id: 'direction',
        title: t.direction,
        value: ({ direction }) => (direction === 'ingress' ? t.ingress : t.egress),
        cell: ({ direction }) => (
          <Group gap={4} wrap="nowrap">
            {direction === 'ingress' ? (
              <IconArrowDownLeft size={16} aria-hidden />
            ) : (
              <IconArrowUpRight size={16} aria-hidden />
            )}
            {direction === 'ingress' ? t.ingress : t.egress}
          </Group>
        ),
        width: '6rem',
      },
      { id: 'version', title: t.version, value: ({ ethertype }) => ethertype, width: '5rem' },
      {
        id: 'protocol',
        title: t.protocol,
        value: ({ protocol }) => protocol?.toUpperCase() ?? t.any,
        width: '6.5rem',
      },
      { id: 'ports', title: t.portsColumn, value: ports, width: '7rem' },
      { id: 'description', title: u.description, value: ({ description }) => description || null },
    ];
  }, [t, u, words]);
}

function Summary({ words, exposed }: { readonly words: string; readonly exposed: boolean }) {
  const t = useText(ruleTexts);
  return (
    <Group gap={6} wrap="nowrap">
      <span style={{ overflow: 'hidden', textOverflow: 'ellipsis' }} title={words}>
        {words}
      </span>
      {exposed && (
        <Tooltip label={t.exposedMark}>
          <IconAlertTriangle
            size={16}
            role="img"
            aria-label={t.exposedMark}
            color="light-dark(var(--mantine-color-orange-9), var(--mantine-color-orange-4))"
          />
        </Tooltip>
      )}
    </Group>
  );
}

function useRuleActions(): readonly Action<SecurityGroupRule>[] {
  const t = useText(ruleTexts);
  const u = useText(uiTexts);
  const open = useDialog();
  const reread = useReread();
  const words = useRuleWords();
  return useMemo(
    () => [
      {
        id: 'delete',
        label: u.delete,
        icon: IconTrash,
        danger: true,
        many: true,
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.deleteTitle(items.length)}
              items={items}
              nameOf={(rule) => `${words(rule)} (${rule.ethertype})`}
              consequence={t.deleteConsequence}
              verb={u.delete}
              danger
              run={({ id }) => deleteRule(id)}
              close={close}
              after={() => reread('security_group_rule', 'security_group')}
            />
          )),
      },
    ],
    [t, u, open, reread, words],
  );
}
