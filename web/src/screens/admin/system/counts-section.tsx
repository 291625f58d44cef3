import { Loader, SimpleGrid, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { hypervisors } from '#api/compute/hosts.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { countables, type Countable } from '#api/usage/cloud.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { CapacityBar } from '../nodes/capacity-bar.tsx';
import { nodesOf, totalCapacity } from '../nodes/node.ts';
import { Section } from '../nodes/section.tsx';
import { systemTexts } from './texts.ts';

/** How many things of each kind the cloud has. */
export function CountsSection() {
  const t = useText(systemTexts);
  const format = useFormat();
  const { services } = useSignedIn();
  const names = (Object.keys(countables) as Countable[]).filter((name) => services[countables[name].service]);
  const answers = useQueries({
    queries: names.map((name) => ({
      // Events of servers, volumes, networks … name `usage`.
      queryKey: ['usage', 'count', name],
      queryFn: ({ signal }: { signal: AbortSignal }) => countables[name].count(signal),
      refetchInterval: 60_000,
    })),
  });
  return (
    <Section title={t.counts}>
      <SimpleGrid cols={{ base: 2, xs: 3, md: 5 }} spacing="md">
        {names.map((name, at) => {
          const answer = answers[at];
          return (
            <div key={name}>
              <Text size="xl" fw={650} style={{ fontVariantNumeric: 'tabular-nums' }}>
                {answer?.data !== undefined ? (
                  format.number(answer.data)
                ) : answer?.error ? (
                  t.notCounted
                ) : (
                  <Loader size="xs" />
                )}
              </Text>
              <Text size="xs" c="dimmed">
                {t[name]}
              </Text>
            </div>
          );
        })}
      </SimpleGrid>
    </Section>
  );
}

/** What all hypervisors have together, and what of it is claimed. */
export function CapacitySection() {
  const t = useText(systemTexts);
  const { data } = useList(hypervisors);
  const capacity = data && totalCapacity(nodesOf([], data));
  if (!data) return null;
  return (
    <Section title={t.capacity}>
      {capacity ? (
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <CapacityBar kind="vcpus" gauge={capacity.vcpus} detailed />
          <CapacityBar kind="memory" gauge={capacity.memory} detailed />
          <CapacityBar kind="disk" gauge={capacity.disk} detailed />
        </SimpleGrid>
      ) : (
        <Text size="sm">{t.noHypervisors}</Text>
      )}
    </Section>
  );
}
