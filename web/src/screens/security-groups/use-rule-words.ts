import { useCallback, useMemo } from 'react';
import { securityGroups } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { called } from '../networks/names.ts';
import { useReach } from '../networks/use-network.ts';
import { partsOf, type Match, type RuleParts } from './rule.ts';
import { ruleTexts } from './rule-texts.ts';

/** What a rule says, in a sentence: `Anyone may reach SSH (TCP 22)`. */
export function useRuleWords(): (rule: Match) => string {
  const t = useText(ruleTexts);
  const reach = useReach();
  const { data: groups } = useList(securityGroups, reach);
  const names = useMemo(() => new Map((groups ?? []).map((group) => [group.id, called(group)])), [groups]);
  return useCallback(
    (rule) => {
      const nameOf = (who: { readonly kind: string; readonly name: string }): string =>
        who.kind === 'group' ? t.members(who.name) : t.addresses(who.name);
      const parts = partsOf(rule, (id) => names.get(id) ?? id.slice(0, 8));
      const what = whatWords(parts.what, t);
      const { who } = parts;
      if (parts.direction === 'egress')
        return (who.kind === 'anyone' ? t.mayUseAnywhere(what) : t.mayUse(nameOf(who), what)).trim();
      return t.mayReach(who.kind === 'anyone' ? t.anyone : nameOf(who), what).trim();
    },
    [t, names],
  );
}

function whatWords(what: RuleParts['what'], t: (typeof ruleTexts)['en']): string {
  switch (what.kind) {
    case 'everything':
      return t.everything;
    case 'protocol':
      return t.all(what.protocol);
    case 'ping':
      return t.ping;
    case 'icmp':
      return t.icmp(what.type, what.code === null ? '' : t.code(what.code));
    case 'ports':
      return what.service === null
        ? t.ports(what.protocol, what.ports)
        : t.service(what.protocol, what.ports, what.service);
  }
}
