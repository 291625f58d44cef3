import { Badge, Group, Text } from '@mantine/core';
import { IconServer2 } from '@tabler/icons-react';
import { useMemo } from 'react';
import { appTexts } from '#app/texts.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { EmptyNotice } from '#ui/empty-notice.tsx';
import { Page } from '#ui/page.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { Status } from '#ui/status.tsx';
import { uiTexts } from '#ui/texts.ts';
import { adminTexts } from '../texts.ts';
import { useNodeActions } from './actions.tsx';
import { CapacityBar, type GaugeKind } from './capacity-bar.tsx';
import { lifeWords, Liveness, silence } from './liveness.tsx';
import { fill, type Node } from './node.ts';
import { nodeTexts } from './texts.ts';
import { useNodes } from './use-nodes.ts';

/** Every host that Nova, Neutron or Cinder knows. */
export function Screen() {
  const t = useText(nodeTexts);
  const app = useText(appTexts);
  const query = useNodes();
  const columns = useNodeColumns();
  const actions = useNodeActions();
  return (
    <Page title={app.nodes}>
      <ResourceTable
        label={app.nodes}
        query={query}
        columns={columns}
        actions={actions}
        nameOf={({ id }) => id}
        linkOf={({ id }) => `/admin/nodes/${encodeURIComponent(id)}`}
        empty={
          <EmptyNotice icon={IconServer2} title={t.emptyTitle}>
            {t.empty}
          </EmptyNotice>
        }
      />
    </Page>
  );
}

function useNodeColumns(): readonly Column<Node>[] {
  const t = useText(nodeTexts);
  const admin = useText(adminTexts);
  const ui = useText(uiTexts);
  const format = useFormat();
  return useMemo(() => {
    const gauge = (kind: GaugeKind, title: string): Column<Node> => ({
      id: kind,
      title,
      // Sorted by how full it is.
      value: ({ capacity }) => (capacity ? fill(capacity[kind]) : null),
      cell: ({ capacity }) => (capacity ? <CapacityBar kind={kind} gauge={capacity[kind]} /> : '–'),
      width: 'minmax(5.5rem, 1fr)',
    });
    return [
      { id: 'name', title: ui.name, value: ({ id }) => id, width: 'minmax(6rem, 1.4fr)' },
      {
        id: 'life',
        title: t.life,
        value: (node) => [lifeWords(node, t), ...silence(node, t, format)].join(' '),
        cell: (node) => <Liveness node={node} brief />,
        width: 'minmax(6.5rem, 1fr)',
      },
      {
        id: 'roles',
        title: t.roles,
        value: ({ roles }) => roles.map((role) => t[role]).join(' '),
        cell: ({ roles }) => (
          <Group gap={4}>
            {roles.map((role) => (
              <Badge key={role} variant="default" size="xs" radius="sm" tt="none">
                {t[role]}
              </Badge>
            ))}
          </Group>
        ),
        width: 'minmax(8.5rem, 1.2fr)',
      },
      gauge('vcpus', admin.cores),
      gauge('memory', admin.memory),
      gauge('disk', admin.disk),
      {
        id: 'guests',
        title: admin.guests,
        value: ({ guests, compute }) => (compute ? guests.length : null),
        width: 'minmax(3.5rem, 0.5fr)',
      },
      { id: 'zone', title: admin.zone, value: ({ compute }) => compute?.zone ?? null, width: 'minmax(4rem, 0.7fr)' },
      {
        id: 'scheduling',
        title: t.scheduling,
        value: ({ compute }) =>
          compute ? (compute.enabled ? t.takesNew : `${t.takesNone} ${compute.reason ?? ''}`) : null,
        cell: ({ compute }) =>
          compute ? (
            <div title={compute.reason ?? undefined}>
              <Status status={compute.enabled ? 'ENABLED' : 'DISABLED'} />
              {compute.reason !== null && (
                <Text size="xs" c="dimmed" truncate>
                  {compute.reason}
                </Text>
              )}
            </div>
          ) : (
            '–'
          ),
        width: 'minmax(6rem, 1fr)',
      },
    ];
  }, [t, admin, ui, format]);
}
