import { Stack } from '@mantine/core';
import { useText } from '#i18n/catalogue.ts';
import { called } from '../networks/names.ts';
import type { Graph, Plug } from './graph.ts';
import { topologyTexts } from './texts.ts';

/** Networks that a thing is on, with its addresses there. */
export function Plugs({ plugs, graph }: { readonly plugs: readonly Plug[]; readonly graph: Graph }) {
  const t = useText(topologyTexts);
  if (plugs.length === 0) return <>{t.notConnected}</>;
  return (
    <Stack gap={2}>
      {plugs.map(({ network, addresses }) => {
        const bar = graph.bars.find(({ id }) => id === network);
        return (
          <span key={network}>
            {[bar ? called(bar.network) : network.slice(0, 8), addresses.join(', ')].filter(Boolean).join(': ')}
          </span>
        );
      })}
    </Stack>
  );
}
