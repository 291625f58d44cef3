import { Select, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMemo } from 'react';
import { networks, type FloatingIp } from '#api/network/networks.ts';
import { floatingIpWrites } from '#api/network/floating-ip-writes.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { called } from '../networks/names.ts';
import { useReread } from '../networks/use-network.ts';
import { usePortDevices } from '../networks/use-port-devices.ts';
import { candidates, type Obstacle } from './reachability.ts';
import { floatingTexts } from './texts.ts';
import { useSurroundings } from './use-surroundings.ts';

/** A new one of a pool, rather than one that is there. */
const NEW = 'new:';

/** Lets a floating IP (given, chosen or new) stand for an instance's address (given or chosen). */
export function AssociateDialog({
  floating,
  instance,
  close,
}: {
  readonly floating?: FloatingIp;
  /** Only its ports are offered. */
  readonly instance?: string;
  readonly close: () => void;
}) {
  const t = useText(floatingTexts);
  const u = useText(uiTexts);
  const reread = useReread();
  const around = useSurroundings();
  const deviceOf = usePortDevices();
  const { data } = useList(networks);
  const pools = (data ?? []).filter((network) => network['router:external']);
  const fields = useFields<{ floating: string | null; target: string | null }>({
    floating: floating?.id ?? null,
    target: null,
  });
  const { values } = fields;
  const unused = around.floating.filter(({ port_id }) => port_id === null);
  const chosen = values.floating ?? unused[0]?.id ?? (pools[0] ? `${NEW}${pools[0].id}` : null);
  const address = around.floating.find(({ id }) => id === chosen) ?? floating;
  const pool = address?.floating_network_id ?? chosen?.slice(NEW.length) ?? '';
  const targets = useMemo(
    () => candidates({ id: pool }, around).filter(({ port }) => instance === undefined || port.device_id === instance),
    [pool, around, instance],
  );
  const able = targets.filter(({ obstacle }) => obstacle === null);
  const target = able.find(({ key }) => key === values.target) ?? (instance !== undefined ? able[0] : undefined);
  const why = (obstacle: Obstacle): string => {
    switch (obstacle.kind) {
      case 'noRouter':
        return t.noRouter(obstacle.cidr);
      case 'taken':
        return t.taken(obstacle.by);
      default:
        return t[obstacle.kind](called(obstacle.router));
    }
  };
  const nameOf = ({ port, address: inside }: (typeof targets)[number]): string =>
    `${port.device_id === '' ? called(port) : deviceOf(port).words} · ${inside}`;
  const change = { port_id: target?.port.id ?? '', fixed_ip_address: target?.address ?? '' };
  const isNew = chosen?.startsWith(NEW) === true;
  return (
    <FormDialog
      title={floating ? t.associateTitle(floating.floating_ip_address) : t.associateNew}
      verb={t.associate}
      refuse={
        chosen === null
          ? pools.length === 0
            ? t.noPool
            : t.chooseFloating
          : targets.length === 0
            ? t.noTargets
            : target === undefined
              ? t.chooseTarget
              : null
      }
      close={close}
      preview={{
        command: isNew
          ? commandLine(
              'openstack floating ip create',
              ['--port', change.port_id, '--fixed-ip-address', change.fixed_ip_address],
              [pool],
            )
          : commandLine(
              'openstack floating ip set',
              ['--port', change.port_id, '--fixed-ip-address', change.fixed_ip_address],
              [address?.floating_ip_address ?? ''],
            ),
        call: isNew
          ? floatingIpWrites.createCall({ floating_network_id: pool, ...change })
          : floatingIpWrites.updateCall(address?.id ?? '', change),
      }}
      submit={async () => {
        const done = isNew
          ? await floatingIpWrites.create({ floating_network_id: pool, ...change })
          : await floatingIpWrites.update(address?.id ?? '', change);
        reread('floatingip', 'port', 'server');
        if (target)
          notifications.show({
            message: t.associated(done.floating_ip_address, nameOf(target)),
            color: 'teal',
            closeButtonProps: { 'aria-label': u.close },
          });
      }}
    >
      {!floating && (
        <Select
          label={t.floatingIp}
          allowDeselect={false}
          value={chosen}
          onChange={(id) => fields.set('floating', id)}
          data={[
            ...unused.map((one) => ({ value: one.id, label: one.floating_ip_address })),
            ...pools.map((network) => ({ value: `${NEW}${network.id}`, label: t.newFrom(called(network)) })),
          ]}
        />
      )}
      <Select
        label={t.target}
        searchable
        data-autofocus
        allowDeselect={false}
        value={target?.key ?? null}
        onChange={(key) => fields.set('target', key)}
        nothingFoundMessage={t.noTargets}
        maxDropdownHeight={320}
        data={[
          { group: t.canReach, items: able.map((one) => ({ value: one.key, label: nameOf(one) })) },
          {
            group: t.cannotReach,
            items: targets.flatMap((one) =>
              one.obstacle === null
                ? []
                : [{ value: one.key, label: `${nameOf(one)} (${why(one.obstacle)})`, disabled: true }],
            ),
          },
        ].filter(({ items }) => items.length > 0)}
      />
      {instance !== undefined && able.length === 0 && targets[0]?.obstacle && (
        <Text size="sm" role="status">
          {`${nameOf(targets[0])}: ${why(targets[0].obstacle)}`}
        </Text>
      )}
    </FormDialog>
  );
}
