import { ActionIcon, Button, Group, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { subnets, type Router } from '#api/network/networks.ts';
import { routerWrites, type Route } from '#api/network/router-writes.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { called } from '../networks/names.ts';
import { useReach, useReread } from '../networks/use-network.ts';
import { routeProblems } from './routes-form.ts';
import { routerTexts } from './texts.ts';
import { useLegs } from './use-interfaces.ts';

/** A router's static routes, all at once: that is how Neutron takes them. */
export function RoutesDialog({ router, close }: { readonly router: Router; readonly close: () => void }) {
  const t = useText(routerTexts);
  const u = useText(uiTexts);
  const reread = useReread();
  const reach = useReach();
  const legs = useLegs()?.get(router.id) ?? [];
  const { data: allSubnets } = useList(subnets, reach);
  const [rows, setRows] = useState<readonly (Route & { readonly key: number })[]>(() =>
    (router.routes ?? []).map((route, key) => ({ ...route, key })),
  );
  const outside = router.external_gateway_info?.external_fixed_ips ?? [];
  const outsideNets = outside.map(({ subnet_id }) => allSubnets?.find(({ id }) => id === subnet_id)?.cidr);
  // A tenant does not see the external network's subnets: then next hops cannot be judged.
  const connected = outsideNets.includes(undefined)
    ? []
    : [...outsideNets.flatMap((cidr) => cidr ?? []), ...legs.flatMap(({ subnet }) => subnet?.cidr ?? [])];
  const filled = rows.filter(({ destination, nexthop }) => destination.trim() !== '' || nexthop.trim() !== '');
  const problems = new Map(routeProblems(filled, connected).map((problem, at) => [filled[at]?.key, problem]));
  const routes = filled.map(({ destination, nexthop }) => ({
    destination: destination.trim(),
    nexthop: nexthop.trim(),
  }));
  const change = { routes };
  const edit = (key: number, part: Partial<Route>): void =>
    setRows((old) => old.map((row) => (row.key === key ? { ...row, ...part } : row)));
  return (
    <FormDialog
      title={t.routesTitle(called(router))}
      verb={u.save}
      refuse={[...problems.values()].some((problem) => problem !== null) ? t.fixTheForm : null}
      close={close}
      preview={{
        command: commandLine(
          'openstack router set --no-route',
          ...routes.map(({ destination, nexthop }) => ['--route', `destination=${destination},gateway=${nexthop}`]),
          [called(router)],
        ),
        call: routerWrites.updateCall(router.id, change),
      }}
      submit={async () => {
        await routerWrites.update(router.id, change);
        reread('router');
      }}
    >
      <Text size="sm" c="dimmed">
        {t.routesHint}
      </Text>
      {rows.map((row) => {
        const problem = problems.get(row.key) ?? null;
        const atNexthop = problem !== null && problem !== 'wrongDestination' && problem !== 'twice';
        return (
          <Group key={row.key} align="flex-start" wrap="nowrap" gap="xs">
            <TextInput
              label={t.destination}
              style={{ flex: 1 }}
              value={row.destination}
              error={problem !== null && !atNexthop ? t[problem] : undefined}
              onChange={(event) => edit(row.key, { destination: event.currentTarget.value })}
            />
            <TextInput
              label={t.nexthop}
              style={{ flex: 1 }}
              value={row.nexthop}
              error={atNexthop ? t[problem] : undefined}
              onChange={(event) => edit(row.key, { nexthop: event.currentTarget.value })}
            />
            <ActionIcon
              variant="subtle"
              color="red"
              mt={28}
              aria-label={t.removeRoute(row.destination)}
              onClick={() => setRows((old) => old.filter(({ key }) => key !== row.key))}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        );
      })}
      <Group>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          onClick={() => setRows((old) => [...old, { destination: '', nexthop: '', key: (old.at(-1)?.key ?? -1) + 1 }])}
        >
          {t.addRoute}
        </Button>
      </Group>
    </FormDialog>
  );
}
