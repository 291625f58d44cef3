import { ActionIcon, Anchor, Group, Paper, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useText } from '#i18n/catalogue.ts';
import type { NetworkChoice } from './form.ts';
import { Section } from './section.tsx';
import { launchTexts } from './texts.ts';
import type { Launch } from './use-launch.ts';

/** The networks and ports, in their order. */
export function NetworkSection({ launch }: { readonly launch: Launch }) {
  const t = useText(launchTexts);
  const { fields, offer, choices } = launch;
  const chosen = choices.networks;
  const change = (networks: readonly NetworkChoice[]): void => fields.set('networks', networks);
  const { nameOf, cidrsOf } = useNetworkNames(launch);
  // A guest may be in a network twice; a port only once.
  const ports = offer.freePorts.filter(({ id }) => !chosen.some((one) => one.id === id));
  return (
    <Section title={t.networks} {...(chosen.length > 1 && { hint: t.networksHint })}>
      {chosen.length > 0 && (
        <Stack gap="xs" component="ol" m={0} p={0} style={{ listStyle: 'none' }}>
          {chosen.map((one, at) => (
            <ChosenNetwork
              key={`${one.id} ${at}`}
              name={nameOf(one)}
              detail={cidrsOf(one)}
              choice={one}
              change={(next) => change(chosen.with(at, next))}
              remove={() => change(chosen.toSpliced(at, 1))}
              {...(at > 0 && { up: () => change(swapped(chosen, at - 1)) })}
              {...(at < chosen.length - 1 && { down: () => change(swapped(chosen, at)) })}
            />
          ))}
        </Stack>
      )}
      <Select
        aria-label={t.addNetwork}
        placeholder={t.addNetwork}
        searchable
        // A new one each time, so that it is empty again.
        key={chosen.length}
        value={null}
        data={[
          {
            group: t.networkKind,
            items: (offer.networks ?? []).map(({ id, name }) => ({
              value: `network ${id}`,
              label: [name || id, cidrsOf({ kind: 'network', id, fixedIp: '' })].filter(Boolean).join(' · '),
            })),
          },
          {
            group: t.portKind,
            items: ports.map(({ id }) => ({ value: `port ${id}`, label: nameOf({ kind: 'port', id }) })),
          },
        ].filter(({ items }) => items.length > 0)}
        onChange={(value) => {
          const [kind, id = ''] = value?.split(' ') ?? [];
          if (id !== '') change([...chosen, kind === 'port' ? { kind, id } : { kind: 'network', id, fixedIp: '' }]);
        }}
      />
      {chosen.length === 0 && (
        <Text size="sm" role="status">
          {offer.networks?.length === 0 ? t.noNetworks : t.withoutNetwork}{' '}
          {offer.networks?.length === 0 && (
            <Anchor td="underline" renderRoot={(props) => <Link to="/networks" {...props} />}>
              {t.makeNetwork}
            </Anchor>
          )}
        </Text>
      )}
    </Section>
  );
}

const swapped = (list: readonly NetworkChoice[], at: number): readonly NetworkChoice[] => {
  const [one, next] = [list[at], list[at + 1]];
  return one && next ? list.with(at, next).with(at + 1, one) : list;
};

/** How a choice is called: by the network's name, by the port's addresses. */
export function useNetworkNames({ offer }: Launch) {
  const t = useText(launchTexts);
  const networkName = (id: string): string => offer.networks?.find((one) => one.id === id)?.name || id;
  return {
    nameOf(choice: NetworkChoice): string {
      if (choice.kind === 'network') return networkName(choice.id);
      const port = offer.freePorts.find(({ id }) => id === choice.id);
      if (!port) return choice.id;
      const addresses = port.fixed_ips.map(({ ip_address }) => ip_address).join(', ');
      return port.name || t.portOf(networkName(port.network_id), addresses || port.mac_address);
    },
    cidrsOf(choice: NetworkChoice): string {
      if (choice.kind === 'port') return '';
      return offer.subnets
        .filter(({ network_id }) => network_id === choice.id)
        .map(({ cidr }) => cidr)
        .join(', ');
    },
  };
}

interface ChosenProps {
  readonly name: string;
  readonly detail: string;
  readonly choice: NetworkChoice;
  readonly change: (choice: NetworkChoice) => void;
  readonly remove: () => void;
  readonly up?: () => void;
  readonly down?: () => void;
}

function ChosenNetwork({ name, detail, choice, change, remove, up, down }: ChosenProps) {
  const t = useText(launchTexts);
  return (
    <Paper withBorder px="sm" py={6} component="li">
      <Group gap="xs" justify="space-between">
        <div style={{ minWidth: 0, flex: '1 1 8rem' }}>
          <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Text>
          <Text size="xs" c="dimmed">
            {detail}
          </Text>
        </div>
        <Group gap={4} wrap="nowrap">
          {choice.kind === 'network' && (
            <TextInput
              size="xs"
              w={150}
              aria-label={t.fixedIpFor(name)}
              placeholder={`${t.fixedIp}: ${t.anyAddress}`}
              value={choice.fixedIp}
              onChange={(event) => change({ ...choice, fixedIp: event.currentTarget.value })}
            />
          )}
          <ActionIcon variant="subtle" color="gray" aria-label={t.up(name)} disabled={!up} onClick={up}>
            <IconArrowUp size={16} />
          </ActionIcon>
          <ActionIcon variant="subtle" color="gray" aria-label={t.down(name)} disabled={!down} onClick={down}>
            <IconArrowDown size={16} />
          </ActionIcon>
          <ActionIcon variant="subtle" color="gray" aria-label={t.remove(name)} onClick={remove}>
            <IconX size={16} />
          </ActionIcon>
        </Group>
      </Group>
    </Paper>
  );
}
