import { Alert, Anchor, Button, Group, List, Loader, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { aggregates } from '#api/compute/hosts.ts';
import { useList } from '#api/resource.ts';
import { appTexts } from '#app/texts.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { ActionMenu } from '#ui/action.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { Page } from '#ui/page.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useNodeActions } from './actions.tsx';
import { AgentsConfigurations } from './agents-configurations.tsx';
import { CapacityBar } from './capacity-bar.tsx';
import { DaemonsTable } from './daemons-table.tsx';
import { GuestsTable } from './guests-table.tsx';
import { HypervisorFacts } from './hypervisor-facts.tsx';
import { useJob, useJobState } from './jobs.ts';
import { lifeWords, Liveness, silence } from './liveness.tsx';
import type { MoveJob } from './move-job.ts';
import type { Node } from './node.ts';
import { ProgressDialog } from './progress-dialog.tsx';
import { Section } from './section.tsx';
import { nodeTexts } from './texts.ts';
import { useNodes } from './use-nodes.ts';

/** One host: what it is, what of the cloud runs on it, and what can be done with it. */
export function Screen() {
  const { host = '' } = useParams({ strict: false });
  const t = useText(nodeTexts);
  const app = useText(appTexts);
  const ui = useText(uiTexts);
  const { data, error } = useNodes();
  const actions = useNodeActions();
  const node = data?.find(({ id }) => id === host);
  const up = { label: app.nodes, to: '/admin/nodes' };
  if (!node)
    return (
      <Page title={host} up={up}>
        {error != null && <ErrorNotice error={error} />}
        {data ? (
          <Text>{t.unknown(host)}</Text>
        ) : (
          <Group role="status">
            <Loader size="sm" />
            <Text>{ui.loading}</Text>
          </Group>
        )}
      </Page>
    );
  return (
    <Page
      title={host}
      up={up}
      badge={<Liveness node={node} />}
      subtitle={node.roles.map((role) => t[role]).join(' · ')}
      actions={<ActionMenu actions={actions} items={[node]} label={host} variant="button" />}
    >
      {error != null && <ErrorNotice error={error} />}
      <Parts node={node} />
    </Page>
  );
}

function Parts({ node }: { readonly node: Node }) {
  const t = useText(nodeTexts);
  const format = useFormat();
  const job = useJob(node.id);
  const silent = silence(node, t, format);
  return (
    <>
      {silent.length > 0 && (
        <Alert color="red" variant="light" title={lifeWords(node, t)}>
          <List size="sm">
            {silent.map((words) => (
              <List.Item key={words}>{words}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {job && <JobNotice job={job} />}
      {node.hypervisors.length > 0 && (
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <Section title={t.facts}>
            <Stack>
              {node.hypervisors.map((one) => (
                <HypervisorFacts key={one.id} hypervisor={one} />
              ))}
            </Stack>
          </Section>
          {node.capacity && (
            <Section title={t.capacity}>
              <Stack gap="sm">
                <CapacityBar kind="vcpus" gauge={node.capacity.vcpus} detailed />
                <CapacityBar kind="memory" gauge={node.capacity.memory} detailed />
                <CapacityBar kind="disk" gauge={node.capacity.disk} detailed />
              </Stack>
            </Section>
          )}
        </SimpleGrid>
      )}
      <Section title={t.daemons}>
        <DaemonsTable daemons={node.daemons} />
      </Section>
      {node.compute && (
        <>
          <Title order={2} size="h5">
            {t.guests}
          </Title>
          <GuestsTable host={node.id} />
          <NodeAggregates host={node.id} />
        </>
      )}
      <AgentsConfigurations host={node.id} />
    </>
  );
}

function JobNotice({ job }: { readonly job: MoveJob }) {
  const t = useText(nodeTexts);
  const ui = useText(uiTexts);
  const open = useDialog();
  const { running, travellers } = useJobState(job);
  const done = travellers.filter(({ stage }) => stage.at === 'arrived' || stage.at === 'failed').length;
  // Those that did not leave are kept in sight.
  if (!running && travellers.every(({ stage }) => stage.at === 'arrived')) return null;
  return (
    <Alert
      color={running ? 'blue' : 'orange'}
      variant="light"
      title={running ? t.progressOf(job.host) : t.notMoved(job.host)}
    >
      <Group justify="space-between">
        <Text size="sm">{ui.doneOf(done, travellers.length)}</Text>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => open((close) => <ProgressDialog job={job} close={close} />)}
        >
          {t.show}
        </Button>
      </Group>
    </Alert>
  );
}

function NodeAggregates({ host }: { readonly host: string }) {
  const t = useText(nodeTexts);
  const { data } = useList(aggregates);
  const own = data?.filter(({ hosts }) => hosts.includes(host));
  if (!own) return null;
  return (
    <Section title={t.aggregates}>
      {own.length === 0 ? (
        <Text size="sm">{t.noAggregates}</Text>
      ) : (
        <Group gap="md">
          {own.map(({ id, name, availability_zone: zone }) => (
            <Anchor
              key={id}
              size="sm"
              renderRoot={(props) => <Link to="/admin/aggregates" search={{ q: name } as never} {...props} />}
            >
              {zone === null ? name : `${name} (${zone})`}
            </Anchor>
          ))}
        </Group>
      )}
    </Section>
  );
}
