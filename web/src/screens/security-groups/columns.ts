import { useMemo } from 'react';
import { ports, type SecurityGroup } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Column } from '#ui/resource-table.tsx';
import { uiTexts } from '#ui/texts.ts';
import { called } from '../networks/names.ts';
import { useReach } from '../networks/use-network.ts';
import { groupTexts } from './texts.ts';

/** The group that every project begins with says no more than its name. */
export const isStandard = (name: string, description: string): boolean =>
  name === 'default' && ['', 'default', 'Default security group'].includes(description);

/** @param more further columns after the name: whose it is */
export function useGroupColumns(more?: readonly Column<SecurityGroup>[]): readonly Column<SecurityGroup>[] {
  const t = useText(groupTexts);
  const u = useText(uiTexts);
  const reach = useReach();
  const { data: allPorts } = useList(ports, reach);
  return useMemo(() => {
    const used = new Map<string, number>();
    for (const id of (allPorts ?? []).flatMap((port) => port.security_groups)) used.set(id, (used.get(id) ?? 0) + 1);
    const rules = (group: SecurityGroup, direction: 'ingress' | 'egress'): number =>
      group.security_group_rules.filter((rule) => rule.direction === direction).length;
    return [
      { id: 'name', title: u.name, value: called },
      ...(more ?? []),
      {
        id: 'description',
        title: u.description,
        value: ({ name, description }) => (isStandard(name, description) ? t.defaultMeaning : description || null),
        width: 'minmax(10rem, 2fr)',
      },
      { id: 'in', title: t.rulesIn, value: (group) => rules(group, 'ingress'), width: '7rem' },
      { id: 'out', title: t.rulesOut, value: (group) => rules(group, 'egress'), width: '7rem' },
      {
        id: 'used',
        title: t.usedBy,
        value: ({ id }) => used.get(id) ?? 0,
        cell: ({ id }) => (used.has(id) ? t.usedByPorts(used.get(id) ?? 0) : t.unused),
        width: '8rem',
      },
    ];
  }, [t, u, more, allPorts]);
}
