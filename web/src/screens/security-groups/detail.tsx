import { Anchor, Button, Loader, Paper, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { isNotFound } from '#api/fault.ts';
import { ports, securityGroups, type SecurityGroup } from '#api/network/networks.ts';
import { useList, useOne } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { ActionMenu } from '#ui/action.tsx';
import { Copyable } from '#ui/copy.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Facts } from '#ui/facts.tsx';
import { Page } from '#ui/page.tsx';
import { uiTexts } from '#ui/texts.ts';
import { called } from '../networks/names.ts';
import { useReach } from '../networks/use-network.ts';
import { usePortDevices } from '../networks/use-port-devices.ts';
import { useGroupActions } from './actions.tsx';
import { isStandard } from './columns.ts';
import { RuleDialog } from './rule-dialog.tsx';
import { RulesTable } from './rules-table.tsx';
import { groupTexts } from './texts.ts';

export function Screen() {
  const { id = '' } = useParams({ strict: false });
  const t = useText(groupTexts);
  const u = useText(uiTexts);
  const { data, error } = useOne(securityGroups, id);
  if (data && !isNotFound(error)) return <GroupPage group={data} />;
  return (
    <Page title={t.title} up={{ label: t.title, to: '/security-groups' }}>
      {isNotFound(error) ? <Text>{u.notFound}</Text> : error ? <ErrorNotice error={error} /> : <Loader role="status" />}
    </Page>
  );
}

function GroupPage({ group }: { readonly group: SecurityGroup }) {
  const t = useText(groupTexts);
  const u = useText(uiTexts);
  const open = useDialog();
  const navigate = useNavigate();
  const gone = useCallback(() => void navigate({ to: '/security-groups' }), [navigate]);
  const actions = useGroupActions(gone);
  return (
    <Page
      title={called(group)}
      up={{ label: t.title, to: '/security-groups' }}
      subtitle={isStandard(group.name, group.description) ? t.defaultMeaning : group.description || undefined}
      actions={
        <>
          <Button
            leftSection={<IconPlus size={16} />}
            onClick={() => open((close) => <RuleDialog group={group} close={close} />)}
          >
            {t.addRule}
          </Button>
          <ActionMenu variant="button" actions={actions} items={[group]} label={called(group)} />
        </>
      }
    >
      <Paper withBorder p="md" component="section" aria-label={t.facts}>
        <Facts
          rows={[
            [u.id, <Copyable key="id" text={group.id} />],
            [t.usedBy, <Users key="users" group={group.id} />],
          ]}
        />
      </Paper>
      <RulesTable group={group} />
    </Page>
  );
}

function Users({ group }: { readonly group: string }) {
  const t = useText(groupTexts);
  const reach = useReach();
  const { data } = useList(ports, reach);
  const deviceOf = usePortDevices();
  const users = useMemo(
    () =>
      new Map(
        (data ?? [])
          .filter((port) => port.security_groups.includes(group))
          .map((port) => (port.device_id === '' ? { words: called(port), to: null } : deviceOf(port)))
          .map((device) => [device.words, device.to]),
      ),
    [data, group, deviceOf],
  );
  if (users.size === 0) return <>{t.unused}</>;
  return (
    <>
      {[...users].slice(0, 12).map(([words, to], at) => (
        <span key={words}>
          {at > 0 && ', '}
          {to === null ? (
            words
          ) : (
            <Anchor size="sm" underline="always" renderRoot={(props) => <Link to={to} {...props} />}>
              {words}
            </Anchor>
          )}
        </span>
      ))}
      {users.size > 12 && ` … (${users.size})`}
    </>
  );
}
