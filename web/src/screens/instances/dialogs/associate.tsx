import { Select } from '@mantine/core';
import { useState } from 'react';
import { allocateFloatingIp, associateFloatingIp } from '#api/compute/server-interfaces.ts';
import { floatingIps, networks } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import type { DialogProps } from '../actions/change-actions.tsx';
import { useServerPorts } from '../use-ports.ts';

const NEW = 'new:';

/** Makes it reachable from outside: with a floating IP that is free, or a new one. */
export function AssociateDialog({ server, tools: { t, saved, queries }, close }: DialogProps) {
  const { services, project } = useSignedIn();
  const all = project.id !== server.tenant_id;
  const { data: known = [] } = useList(floatingIps, { all });
  const { data: someNetworks = [] } = useList(networks, { all });
  const attached = useServerPorts(server) ?? [];
  const [picked, setPicked] = useState<string | null>(null);
  const [target, setTarget] = useState<string | null>(null);
  const free = known.filter((one) => one.port_id === null && one.tenant_id === server.tenant_id);
  const external = someNetworks.filter((one) => one['router:external']);
  const choices = [
    ...free.map((one) => ({ value: one.id, label: one.floating_ip_address })),
    ...external.map((one) => ({ value: NEW + one.id, label: t.newFloatingIp(one.name) })),
  ];
  const fixed = attached.flatMap(({ port, network }) =>
    port.fixed_ips
      .filter(({ ip_address }) => !ip_address.includes(':'))
      .map(({ ip_address }) => ({
        value: `${port.id}/${ip_address}`,
        label: `${ip_address} (${network?.name ?? port.network_id})`,
      })),
  );
  const choice = picked ?? choices[0]?.value ?? null;
  const to = target ?? fixed[0]?.value ?? null;
  const [portId = '', address = ''] = (to ?? '').split('/');
  const pool = choice?.startsWith(NEW) ? choice.slice(NEW.length) : null;
  const chosen = free.find(({ id }) => id === choice);
  const body = { port_id: portId, fixed_ip_address: address };
  const refuse = choices.length === 0 ? t.noFloatingIp : fixed.length === 0 ? t.noFixedIp : null;
  return (
    <FormDialog
      title={`${t.associate}: ${server.name}`}
      verb={t.associate}
      refuse={refuse}
      preview={
        pool === null
          ? {
              command: commandLine(
                ['openstack', 'server', 'add', 'floating', 'ip'],
                ['--fixed-ip-address', address],
                [server.id, chosen?.floating_ip_address ?? '…'],
              ),
              call: {
                method: 'PUT',
                url: `${services.network?.url}/floatingips/${choice ?? '…'}`,
                body: { floatingip: body },
              },
            }
          : {
              command: commandLine(
                ['openstack', 'floating', 'ip', 'create'],
                ['--port', portId],
                ['--fixed-ip-address', address],
                [pool],
              ),
              call: {
                method: 'POST',
                url: `${services.network?.url}/floatingips`,
                body: { floatingip: { floating_network_id: pool, ...body } },
              },
            }
      }
      submit={async () => {
        let ip = chosen?.floating_ip_address ?? '';
        if (pool !== null) ip = await allocateFloatingIp(pool, portId, address);
        else await associateFloatingIp(choice ?? '', portId, address);
        void queries.invalidateQueries({ queryKey: ['floatingip'] });
        saved(server, t.associated(ip, server.name));
      }}
      close={close}
    >
      <Select
        label={t.floatingIp}
        allowDeselect={false}
        data-autofocus
        value={choice}
        onChange={setPicked}
        data={choices}
      />
      <Select label={t.toAddress} allowDeselect={false} value={to} onChange={setTarget} data={fixed} />
    </FormDialog>
  );
}
