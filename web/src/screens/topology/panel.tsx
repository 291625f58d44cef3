import { CloseButton, Group, Stack, Title } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useText } from '#i18n/catalogue.ts';
import { called } from '../networks/names.ts';
import type { Graph } from './graph.ts';
import { GuestPanel } from './guest-panel.tsx';
import { NetworkPanel } from './network-panel.tsx';
import { RouterPanel } from './router-panel.tsx';
import { StackPanel } from './stack-panel.tsx';
import { topologyTexts } from './texts.ts';
import { useWords } from './words.ts';

/** What is known of the thing that was opened, and what can be done with it. */
export function Panel({
  graph,
  id,
  close,
  unfold,
  titled,
}: {
  readonly graph: Graph;
  readonly id: string;
  readonly close: () => void;
  readonly unfold: (id: string) => void;
  /** A drawer around it has the title and the button that closes it already. */
  readonly titled: boolean;
}) {
  const t = useText(topologyTexts);
  const words = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  const bar = graph.bars.find((one) => one.id === id);
  const device = graph.devices.find((one) => one.id === id);
  useEffect(() => heading.current?.focus({ preventScroll: true }), [id]);
  const name = bar ? called(bar.network) : device ? words.title(device) : '';
  const body = bar ? (
    <NetworkPanel bar={bar} graph={graph} />
  ) : device?.kind === 'router' ? (
    <RouterPanel router={device.router} graph={graph} />
  ) : device?.kind === 'guest' ? (
    <GuestPanel device={device} graph={graph} />
  ) : device ? (
    <StackPanel device={device} graph={graph} unfold={() => unfold(device.id)} />
  ) : (
    t.gone
  );
  if (titled) return <Stack gap="md">{body}</Stack>;
  return (
    <Stack gap="md">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Title order={2} size="h4" ref={heading} tabIndex={-1} style={{ outline: 'none', overflowWrap: 'anywhere' }}>
          {name}
        </Title>
        <CloseButton aria-label={t.closePanel} onClick={close} />
      </Group>
      {body}
    </Stack>
  );
}
