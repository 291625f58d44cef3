import { Anchor, Badge, Button, Group, List, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useText } from '#i18n/catalogue.ts';
import { Status } from '#ui/status.tsx';
import { NetworkKind } from '../networks/columns.tsx';
import { called } from '../networks/names.ts';
import { RouterStatus } from '../routers/columns.tsx';
import type { Bar, Device, Graph } from './graph.ts';
import { topologyTexts } from './texts.ts';
import { useWords } from './words.ts';

/** The same as the picture, as text: for screen readers, phones, and those who would rather read. */
export function TopologyList({ graph, open }: { readonly graph: Graph; readonly open: (id: string) => void }) {
  const t = useText(topologyTexts);
  const loose = graph.devices.filter(({ plugs }) => plugs.length === 0);
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      {graph.bars.map((bar) => (
        <Section
          key={bar.id}
          bar={bar}
          devices={graph.devices.filter(({ plugs }) => plugs.some(({ network }) => network === bar.id))}
          open={open}
        />
      ))}
      {loose.length > 0 && (
        <Paper withBorder p="md" component="section" aria-label={t.notConnected}>
          <Title order={2} size="h4" mb="xs">
            {t.notConnected}
          </Title>
          <Devices devices={loose} open={open} />
        </Paper>
      )}
    </SimpleGrid>
  );
}

function Section({
  bar,
  devices,
  open,
}: {
  readonly bar: Bar;
  readonly devices: readonly Device[];
  readonly open: (id: string) => void;
}) {
  const t = useText(topologyTexts);
  const words = useWords();
  const name = called(bar.network);
  return (
    <Paper withBorder p="md" component="section" aria-label={name}>
      <Stack gap="xs">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Title order={2} size="h4" style={{ overflowWrap: 'anywhere' }}>
            <Anchor inherit renderRoot={(props) => <Link to={`/networks/${bar.id}`} {...props} />}>
              {name}
            </Anchor>
          </Title>
          <Button size="compact-sm" variant="default" style={{ flexShrink: 0 }} onClick={() => open(bar.id)}>
            {t.open}
            <span className="visually-hidden">{` ${name}`}</span>
          </Button>
        </Group>
        <Group gap="xs">
          <NetworkKind network={bar.network} />
          <Text size="sm">{words.barDetail(bar)}</Text>
        </Group>
        {devices.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t.nothingHere}
          </Text>
        ) : (
          <Devices devices={devices} network={bar.id} open={open} />
        )}
      </Stack>
    </Paper>
  );
}

function Devices({
  devices,
  network,
  open,
}: {
  readonly devices: readonly Device[];
  readonly network?: string;
  readonly open: (id: string) => void;
}) {
  const t = useText(topologyTexts);
  const words = useWords();
  return (
    <List
      listStyleType="none"
      spacing={6}
      styles={{ itemWrapper: { display: 'block' }, itemLabel: { display: 'block' } }}
    >
      {devices.map((device) => {
        const title = words.title(device);
        const plug = device.plugs.find((one) => one.network === network);
        return (
          <List.Item key={device.id}>
            <Group gap="xs" justify="space-between" wrap="nowrap">
              <Group gap="xs" style={{ minWidth: 0 }}>
                <Badge variant="default" radius="sm" tt="none">
                  {device.kind === 'router' ? t.router : t.instance}
                </Badge>
                <Name device={device} title={title} />
                <Text size="sm" c="dimmed">
                  {device.kind === 'stack' ? words.states(device.guests) : plug?.addresses.join(', ')}
                </Text>
                {device.kind === 'guest' && <Status status={device.guest.status} />}
                {device.kind === 'router' && <RouterStatus router={device.router} />}
              </Group>
              <Button size="compact-sm" variant="default" style={{ flexShrink: 0 }} onClick={() => open(device.id)}>
                {t.open}
                <span className="visually-hidden">{` ${title}`}</span>
              </Button>
            </Group>
          </List.Item>
        );
      })}
    </List>
  );
}

function Name({ device, title }: { readonly device: Device; readonly title: string }) {
  if (device.kind === 'stack') return <Text size="sm">{title}</Text>;
  const to = `/${device.kind === 'router' ? 'routers' : 'instances'}/${device.id}`;
  return (
    <Anchor size="sm" fw={600} renderRoot={(props) => <Link to={to} {...props} />}>
      {title}
    </Anchor>
  );
}
