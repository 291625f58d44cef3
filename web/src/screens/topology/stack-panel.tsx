import { Anchor, Button, Group, List, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useText } from '#i18n/catalogue.ts';
import { Status } from '#ui/status.tsx';
import { called } from '../networks/names.ts';
import type { Device, Graph } from './graph.ts';
import { Plugs } from './plugs.tsx';
import { topologyTexts } from './texts.ts';
import { useWords } from './words.ts';

/** Many guests of the same networks: their states, each with a way to its page, and how to see them one by one. */
export function StackPanel({
  device,
  graph,
  unfold,
}: {
  readonly device: Extract<Device, { kind: 'stack' }>;
  readonly graph: Graph;
  readonly unfold: () => void;
}) {
  const t = useText(topologyTexts);
  const words = useWords();
  return (
    <Stack gap="md">
      <Text size="sm">{words.states(device.guests)}</Text>
      <Text size="sm" component="div">
        <Plugs plugs={device.plugs} graph={graph} />
      </Text>
      <Group>
        <Button variant="default" onClick={unfold}>
          {t.unfold}
        </Button>
      </Group>
      <List listStyleType="none" spacing={4} size="sm">
        {device.guests.map((guest) => (
          <List.Item key={guest.id}>
            <Group gap="xs" wrap="nowrap">
              <Anchor size="sm" renderRoot={(props) => <Link to={`/instances/${guest.id}`} {...props} />}>
                {called(guest)}
              </Anchor>
              <Status status={guest.status} />
            </Group>
          </List.Item>
        ))}
      </List>
    </Stack>
  );
}
