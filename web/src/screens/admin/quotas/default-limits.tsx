import { Alert, Paper, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { quotaResources, setDefaults, useDefaults, type QuotaService } from '#api/usage/quotas.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { uiTexts } from '#ui/texts.ts';
import { LimitEditor } from './limit-editor.tsx';
import { useResourceWords } from './resource-words.ts';
import { quotaTexts } from './texts.ts';
import { useQuotaServices } from './use-all-quotas.ts';

/** What projects may use that have no limits of their own. */
export function DefaultLimits() {
  const t = useText(quotaTexts);
  const services = useQuotaServices();
  return (
    <Stack>
      <Text size="sm">{t.defaultsText}</Text>
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }}>
        {services.map((service) => (
          <ServiceDefaults key={service} service={service} />
        ))}
      </SimpleGrid>
    </Stack>
  );
}

function ServiceDefaults({ service }: { readonly service: QuotaService }) {
  const t = useText(quotaTexts);
  const ui = useText(uiTexts);
  const words = useResourceWords();
  const queries = useQueryClient();
  const { project } = useSignedIn();
  const { data, error } = useDefaults(service, project.id);
  return (
    <Paper withBorder p="md" component="section" aria-label={words.service(service)}>
      <Title order={2} size="h5" mb="xs">
        {words.service(service)}
      </Title>
      {service === 'network' && (
        <Alert color="gray" variant="light" mb="xs">
          {t.networkFixed}
        </Alert>
      )}
      <ErrorNotice error={error} />
      {!data && !error && <Text size="sm">{ui.loading}</Text>}
      {data && (
        <Table aria-label={words.service(service)}>
          <Table.Tbody>
            {quotaResources[service].map((resource) => {
              const limit = data[resource]?.limit;
              if (limit === undefined) return null;
              const value = words.limit(resource, limit);
              return (
                <Table.Tr key={resource}>
                  <Table.Th scope="row" fw={400}>
                    {words.title(resource)}
                  </Table.Th>
                  <Table.Td w="45%">
                    {service === 'network' ? (
                      value
                    ) : (
                      <LimitEditor
                        resource={resource}
                        label={t.newLimit(words.title(resource))}
                        now={limit}
                        used={null}
                        save={async (next) => {
                          await setDefaults(service, { [resource]: next });
                          await queries.invalidateQueries({ queryKey: ['quota'] });
                        }}
                      >
                        {value}
                      </LimitEditor>
                    )}
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      )}
    </Paper>
  );
}
