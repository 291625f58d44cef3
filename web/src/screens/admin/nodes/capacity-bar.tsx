import { Progress, Text } from '@mantine/core';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { adminTexts } from '../texts.ts';
import { shareWords } from './capacity-words.ts';
import { fill, type Gauge } from './node.ts';
import { nodeTexts } from './texts.ts';

export type GaugeKind = 'vcpus' | 'memory' | 'disk';

const colorOf = (share: number): string => (share >= 0.9 ? 'red' : share >= 0.75 ? 'orange' : 'ice');

/** How much of something on a host is claimed, of how much may be. */
export function CapacityBar({
  kind,
  gauge,
  detailed = false,
}: {
  readonly kind: GaugeKind;
  readonly gauge: Gauge;
  /** Also says where the limit comes from; otherwise pointing at it does. */
  readonly detailed?: boolean;
}) {
  const t = useText(nodeTexts);
  const admin = useText(adminTexts);
  const format = useFormat();
  const shown = { vcpus: format.number, memory: format.mib, disk: format.gib }[kind];
  const name = { vcpus: admin.cores, memory: admin.memory, disk: admin.disk }[kind];
  const [used, limit] = [shown(gauge.used), shown(gauge.limit)];
  const from = t.capacityFrom(
    shown(gauge.total),
    shown(gauge.reserved),
    gauge.ratio === null ? t.ratioVaries : format.number(gauge.ratio),
  );
  const share = fill(gauge);
  return (
    <div title={detailed ? undefined : `${t.capacityOf(name, used, limit)}\n${from}`}>
      <Text size={detailed ? 'sm' : 'xs'} truncate>
        {detailed ? t.capacityOf(name, used, limit) : shareWords(kind, gauge.used, gauge.limit, format.number)}
      </Text>
      <Progress
        value={share * 100}
        color={colorOf(share)}
        size={detailed ? 'md' : 5}
        mt={2}
        aria-label={t.capacityOf(name, used, limit)}
      />
      {detailed && (
        <Text size="xs" c="dimmed" mt={4}>
          {from}
        </Text>
      )}
    </div>
  );
}
