import { Alert, Anchor, Button, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconRocket } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { appTexts } from '#app/texts.ts';
import { servers } from '#api/compute/servers.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { computeUsage, networkUsage, volumeUsage } from '#api/usage/limits.ts';
import { volumes } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { Page } from '#ui/page.tsx';
import { QuotaBars } from './quota-bars.tsx';
import { RecentOperations } from './recent-operations.tsx';
import { overviewTexts } from './texts.ts';

/** Where one stands: quota, what went wrong, what was done. */
export function Screen() {
  const t = useText(overviewTexts);
  const app = useText(appTexts);
  const { project } = useSignedIn();
  return (
    <Page
      title={app.overview}
      subtitle={t.subtitle(project.name)}
      actions={
        <Button leftSection={<IconRocket size={16} />} renderRoot={(props) => <Link to="/launch" {...props} />}>
          {t.launch}
        </Button>
      }
    >
      <Troubles />
      <Quotas />
      <Paper withBorder p="md">
        <Title order={2} size="h5" mb="sm">
          {t.recent}
        </Title>
        <RecentOperations />
      </Paper>
    </Page>
  );
}

function Quotas() {
  const t = useText(overviewTexts);
  const format = useFormat();
  const { project, services } = useSignedIn();
  const every = { refetchInterval: 30_000 };
  const compute = useQuery({
    queryKey: ['usage', 'compute'],
    queryFn: ({ signal }) => computeUsage(signal),
    enabled: !!services.compute,
    ...every,
  });
  const volume = useQuery({
    queryKey: ['usage', 'volume'],
    queryFn: ({ signal }) => volumeUsage(signal),
    enabled: !!services.volume,
    ...every,
  });
  const network = useQuery({
    queryKey: ['usage', 'network'],
    queryFn: ({ signal }) => networkUsage(project.id, signal),
    enabled: !!services.network,
    ...every,
  });
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {t.usage}
      </Title>
      <SimpleGrid cols={{ base: 1, md: 3 }}>
        {services.compute && (
          <QuotaBars
            title={t.compute}
            error={compute.error}
            rows={[
              { label: t.instances, usage: compute.data?.instances },
              { label: t.cores, usage: compute.data?.cores },
              { label: t.ram, usage: compute.data?.ram, write: format.mib },
              { label: t.serverGroups, usage: compute.data?.serverGroups },
            ]}
          />
        )}
        {services.volume && (
          <QuotaBars
            title={t.storage}
            error={volume.error}
            rows={[
              { label: t.volumes, usage: volume.data?.volumes },
              { label: t.gigabytes, usage: volume.data?.gigabytes, write: format.gib },
              { label: t.snapshots, usage: volume.data?.snapshots },
              { label: t.backups, usage: volume.data?.backups },
            ]}
          />
        )}
        {services.network && (
          <QuotaBars
            title={t.network}
            error={network.error}
            rows={[
              { label: t.networks, usage: network.data?.network },
              { label: t.routers, usage: network.data?.router },
              { label: t.floatingIps, usage: network.data?.floatingip },
              { label: t.securityGroups, usage: network.data?.security_group },
            ]}
          />
        )}
      </SimpleGrid>
    </Stack>
  );
}

/** What needs somebody, first; or, in a project without anything, the way to the first instance. */
function Troubles() {
  const t = useText(overviewTexts);
  const { data: someServers } = useList(servers);
  const { data: someVolumes } = useList(volumes);
  const failedServers = (someServers ?? []).filter(({ status }) => status === 'ERROR').length;
  const failedVolumes = (someVolumes ?? []).filter(({ status }) => status.startsWith('error')).length;
  const line = (words: string, to: string) => (
    <Group gap="sm">
      <Text size="sm">{words}</Text>
      <Anchor size="sm" renderRoot={(props) => <Link to={to} {...props} />}>
        {t.look}
      </Anchor>
    </Group>
  );
  if (someServers?.length === 0 && (someVolumes?.length ?? 0) === 0)
    return (
      <Paper withBorder p="lg">
        <Group justify="space-between">
          <div>
            <Title order={2} size="h4">
              {t.firstTitle}
            </Title>
            <Text size="sm">{t.firstText}</Text>
          </div>
          <Button leftSection={<IconRocket size={16} />} renderRoot={(props) => <Link to="/launch" {...props} />}>
            {t.launch}
          </Button>
        </Group>
      </Paper>
    );
  if (failedServers + failedVolumes === 0) return null;
  return (
    <Alert color="orange" variant="light" icon={<IconAlertTriangle />}>
      {failedServers > 0 && line(t.failedServers(failedServers), '/instances?q=error')}
      {failedVolumes > 0 && line(t.failedVolumes(failedVolumes), '/volumes?q=error')}
    </Alert>
  );
}
