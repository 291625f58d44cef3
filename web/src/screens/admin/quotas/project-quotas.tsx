import { Button, Group, Paper, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { IconRestore } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { quotaResources, resetQuota, useQuota, type QuotaService } from '#api/usage/quotas.ts';
import type { Limits } from '#api/usage/quota-rules.ts';
import { useText } from '#i18n/catalogue.ts';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { uiTexts } from '#ui/texts.ts';
import { QuotaCell } from './quota-cell.tsx';
import { useResourceWords } from './resource-words.ts';
import { quotaTexts } from './texts.ts';
import { useAllDefaults, useQuotaServices } from './use-all-quotas.ts';

interface ProjectProps {
  readonly project: { readonly id: string; readonly name: string };
}

/** One project's limits and what it uses of them. */
export function ProjectQuotas({ project }: ProjectProps) {
  const services = useQuotaServices();
  const defaults = useAllDefaults();
  return (
    <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }}>
      {services.map((service) => (
        <ServiceQuota key={service} service={service} project={project} defaults={defaults[service]} />
      ))}
    </SimpleGrid>
  );
}

function ServiceQuota({
  service,
  project,
  defaults,
}: ProjectProps & { readonly service: QuotaService; readonly defaults: Limits | undefined }) {
  const t = useText(quotaTexts);
  const ui = useText(uiTexts);
  const words = useResourceWords();
  const open = useDialog();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuota(service, project.id);
  return (
    <Paper withBorder p="md" component="section" aria-label={words.service(service)}>
      <Stack gap="xs">
        <Group justify="space-between">
          <Title order={2} size="h5">
            {words.service(service)}
          </Title>
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconRestore size={14} />}
            onClick={() =>
              open((close) => (
                <ConfirmDialog
                  title={t.resetTitle(1)}
                  items={[project]}
                  nameOf={({ name }) => name}
                  consequence={t.resetText(words.service(service))}
                  verb={t.reset}
                  run={({ id }) => resetQuota(service, id)}
                  close={close}
                  after={() => void queries.invalidateQueries({ queryKey: ['quota'] })}
                />
              ))
            }
          >
            {t.reset}
            <span className="visually-hidden"> ({words.service(service)})</span>
          </Button>
        </Group>
        {error && <ErrorNotice error={error} retry={() => void refetch()} />}
        {!data && !error && <Text size="sm">{ui.loading}</Text>}
        {data && (
          <Table aria-label={words.service(service)} verticalSpacing={4}>
            <Table.Tbody>
              {quotaResources[service].map((resource) => {
                const limit = data[resource];
                return limit === undefined ? null : (
                  <Table.Tr key={resource}>
                    <Table.Th scope="row" fw={400}>
                      {words.title(resource)}
                    </Table.Th>
                    <Table.Td w="50%">
                      <QuotaCell
                        service={service}
                        resource={resource}
                        project={project}
                        limit={limit}
                        standard={defaults?.[resource]?.limit}
                      />
                    </Table.Td>
                  </Table.Tr>
                );
              })}
            </Table.Tbody>
          </Table>
        )}
      </Stack>
    </Paper>
  );
}
