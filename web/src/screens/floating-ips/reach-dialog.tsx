import { Badge, Button, Group, List, Modal, Stack, Text, ThemeIcon, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import { useMemo, type ReactNode } from 'react';
import { servers } from '#api/compute/servers.ts';
import type { FloatingIp } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { useDialog } from '#ui/dialogs.tsx';
import { uiTexts } from '#ui/texts.ts';
import { called } from '../networks/names.ts';
import { useReach } from '../networks/use-network.ts';
import { GatewayDialog } from '../routers/gateway-dialog.tsx';
import { RuleDialog } from '../security-groups/rule-dialog.tsx';
import { checks, verdictOf, type Check, type Reachable, type Surroundings } from './reachability.ts';
import { floatingTexts } from './texts.ts';
import { useSurroundings } from './use-surroundings.ts';

/** The checks of every floating IP, live. */
export function useChecks(): (floating: FloatingIp) => readonly Check[] {
  const around = useSurroundings();
  const reach = useReach();
  const { data: guests } = useList(servers, reach);
  return useMemo(() => {
    const status = new Map(guests?.map((guest) => [guest.id, guest.status]));
    return (floating) => {
      const port = around.ports.find(({ id }) => id === floating.port_id);
      return checks(floating, around, port && status.get(port.device_id));
    };
  }, [around, guests]);
}

const colors: Readonly<Record<Reachable, string>> = { yes: 'teal', partly: 'orange', no: 'red', unused: 'gray' };

export function useVerdictWords(): (verdict: Reachable) => string {
  const t = useText(floatingTexts);
  return useMemo(() => {
    const words = { yes: t.verdictYes, partly: t.verdictPartly, no: t.verdictNo, unused: t.verdictUnused };
    return (verdict) => words[verdict];
  }, [t]);
}

/** Whether a floating IP is reached, in a word; opens what was checked. */
export function ReachBadge({ floating, all }: { readonly floating: FloatingIp; readonly all: readonly Check[] }) {
  const t = useText(floatingTexts);
  const open = useDialog();
  const verdict = verdictOf(all);
  const words = useVerdictWords()(verdict);
  return (
    <UnstyledButton
      aria-label={t.verdictHint(words)}
      onClick={() => open((close) => <ReachDialog floating={floating} close={close} />)}
    >
      <Badge color={colors[verdict]} variant="light" radius="sm" tt="none" style={{ cursor: 'inherit' }}>
        {words}
      </Badge>
    </UnstyledButton>
  );
}

/** Everything between the outside and the instance, one by one, with what mends it. */
export function ReachDialog({ floating, close }: { readonly floating: FloatingIp; readonly close: () => void }) {
  const t = useText(floatingTexts);
  const u = useText(uiTexts);
  const around = useSurroundings();
  const now = around.floating.find(({ id }) => id === floating.id) ?? floating;
  const all = useChecks()(now);
  return (
    <Modal
      opened
      onClose={close}
      title={t.checkTitle(now.floating_ip_address)}
      size="lg"
      closeButtonProps={{ 'aria-label': u.close }}
    >
      <List
        spacing="sm"
        listStyleType="none"
        aria-live="polite"
        styles={{ itemWrapper: { display: 'block' }, itemLabel: { display: 'block' } }}
      >
        {all.map((check) => (
          <List.Item key={check.id}>
            <Line check={check} mend={<Mend check={check} floating={now} around={around} />} />
          </List.Item>
        ))}
      </List>
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close}>
          {u.close}
        </Button>
      </Group>
    </Modal>
  );
}

const marks = {
  ok: { color: 'teal', icon: IconCheck },
  bad: { color: 'red', icon: IconX },
  partly: { color: 'orange', icon: IconAlertTriangle },
} as const;

function Line({ check, mend }: { readonly check: Check; readonly mend: ReactNode }) {
  const t = useText(floatingTexts);
  const mark = marks[check.verdict];
  return (
    <Group justify="space-between" gap="sm">
      <Group gap="sm" wrap="nowrap" style={{ flex: 1, minWidth: 220 }}>
        <ThemeIcon size="sm" radius="xl" variant="light" color={mark.color} role="img" aria-label={t[check.verdict]}>
          <mark.icon size={14} />
        </ThemeIcon>
        <Stack gap={0}>
          <Text size="sm">{lineWords(check, t)}</Text>
          {'from' in check && (
            <Text size="xs" c="dimmed">
              {t.onlyFrom(check.from.join(', '))}
            </Text>
          )}
        </Stack>
      </Group>
      {check.verdict !== 'ok' && mend}
    </Group>
  );
}

function lineWords(check: Check, t: (typeof floatingTexts)['en']): string {
  switch (check.id) {
    case 'router':
      return check.router ? t.checkRouter(called(check.router)) : t.checkNoRouter;
    case 'answers':
      return check.verdict === 'ok' ? t.checkAnswers : t.checkAnswersBad(check.gateway ?? '–');
    default:
      return {
        associated: t.checkAssociated,
        floating: t.checkFloating,
        gateway: t.checkGateway,
        instance: t.checkInstance,
        port: t.checkPort,
        ping: t.checkPing,
        ssh: t.checkSsh,
      }[check.id];
  }
}

/** A button that opens what would mend it. */
function Mend({
  check,
  floating,
  around,
}: {
  readonly check: Check;
  readonly floating: FloatingIp;
  readonly around: Surroundings;
}) {
  const t = useText(floatingTexts);
  const open = useDialog();
  if (check.id === 'gateway' && check.router) {
    const { router } = check;
    return (
      <Button size="compact-sm" onClick={() => open((close) => <GatewayDialog router={router} close={close} />)}>
        {t.setGateway}
      </Button>
    );
  }
  if (check.id !== 'ssh' && check.id !== 'ping') return null;
  const port = around.ports.find(({ id }) => id === floating.port_id);
  const group = around.groups.find(({ id }) => port?.security_groups.includes(id));
  if (!group)
    return (
      <Text size="xs" c="dimmed">
        {t.noGroup}
      </Text>
    );
  const initial =
    check.id === 'ssh' ? ({ protocol: 'tcp', ports: '22' } as const) : ({ protocol: 'icmp', icmpType: '8' } as const);
  return (
    <Button
      size="compact-sm"
      onClick={() => open((close) => <RuleDialog group={group} initial={initial} close={close} />)}
    >
      {`${check.id === 'ssh' ? t.allowSsh : t.allowPing} ${t.whichGroup(called(group))}`}
    </Button>
  );
}
