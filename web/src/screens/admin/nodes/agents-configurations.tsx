import { Accordion, Text } from '@mantine/core';
import { agents } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { Facts } from '#ui/facts.tsx';
import { rowsOf } from './facts.ts';
import { Section } from './section.tsx';
import { nodeTexts } from './texts.ts';

/** How each Neutron agent of a host is set up and what it has to do, in its own words. */
export function AgentsConfigurations({ host }: { readonly host: string }) {
  const t = useText(nodeTexts);
  const { data = [] } = useList(agents);
  const own = data.filter((one) => one.host === host);
  if (own.length === 0) return null;
  return (
    <Section title={t.agents}>
      <Accordion multiple chevronPosition="left" order={3}>
        {own.map(({ id, agent_type: type, binary, configurations }) => (
          <Accordion.Item key={id} value={id}>
            <Accordion.Control>
              <Text size="sm" fw={600} span>
                {type}
              </Text>{' '}
              <Text size="sm" c="dimmed" span>
                {binary}
              </Text>
            </Accordion.Control>
            <Accordion.Panel>
              <Facts rows={rowsOf(configurations)} />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </Section>
  );
}
