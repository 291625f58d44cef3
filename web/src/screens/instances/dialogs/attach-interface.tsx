import { SegmentedControl, Select, TextInput } from '@mantine/core';
import { attachInterface, type InterfaceToAttach } from '#api/compute/server-interfaces.ts';
import { networks, ports } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { useFields } from '#ui/use-fields.ts';
import type { DialogProps } from '../actions/change-actions.tsx';

/** Another interface: on a network, or with a port that is there. */
export function AttachInterfaceDialog({ server, tools: { t, follow, queries }, close }: DialogProps) {
  const { services, project } = useSignedIn();
  const all = project.id !== server.tenant_id;
  const { data: someNetworks = [] } = useList(networks, { all });
  const { data: somePorts = [] } = useList(ports, { all });
  const fields = useFields({
    by: 'network' as 'network' | 'port',
    network: null as string | null,
    port: null as string | null,
    address: '',
  });
  const { by, network, port, address } = fields.values;
  const usable = someNetworks.filter((one) => !one['router:external'] && one.subnets.length > 0);
  const free = somePorts.filter((one) => one.device_id === '' && one.tenant_id === server.tenant_id);
  const fixed = address.trim();
  const wish: InterfaceToAttach =
    by === 'port'
      ? { port_id: port ?? '…' }
      : { net_id: network ?? '…', ...(fixed !== '' && { fixed_ips: [{ ip_address: fixed }] }) };
  const refuse =
    by === 'network'
      ? network === null
        ? t.chooseNetwork
        : null
      : free.length === 0
        ? t.noPort
        : port === null
          ? t.choosePort
          : null;
  return (
    <FormDialog
      title={`${t.attachInterface}: ${server.name}`}
      verb={t.attachInterface}
      refuse={refuse}
      preview={{
        command:
          by === 'port'
            ? commandLine(['openstack', 'server', 'add', 'port', server.id, port ?? '…'])
            : fixed === ''
              ? commandLine(['openstack', 'server', 'add', 'network', server.id, network ?? '…'])
              : commandLine(
                  ['openstack', 'server', 'add', 'fixed', 'ip'],
                  ['--fixed-ip-address', fixed],
                  [server.id, network ?? '…'],
                ),
        call: {
          method: 'POST',
          url: `${services.compute?.url}/servers/${server.id}/os-interface`,
          body: { interfaceAttachment: wish },
        },
      }}
      submit={async () => {
        const begun = await attachInterface(server.id, wish);
        follow(server, { verb: t.attachInterface, doing: t.attachingInterface, done: t.attachedInterface }, begun);
        void queries.invalidateQueries({ queryKey: ['port'] });
      }}
      close={close}
    >
      <SegmentedControl
        aria-label={t.by}
        value={by}
        onChange={(value) => fields.set('by', value)}
        data={[
          { value: 'network', label: t.byNetwork },
          { value: 'port', label: t.byPort },
        ]}
      />
      {by === 'network' ? (
        <>
          <Select
            label={t.network}
            searchable
            value={network}
            onChange={(value) => fields.set('network', value)}
            data={usable.map(({ id, name }) => ({ value: id, label: name || id }))}
          />
          <TextInput label={t.fixedIp} description={t.fixedIpHint} {...fields.text('address')} />
        </>
      ) : (
        <Select
          label={t.port}
          searchable
          value={port}
          onChange={(value) => fields.set('port', value)}
          data={free.map((one) => ({
            value: one.id,
            label: `${one.name || one.id}: ${one.fixed_ips.map(({ ip_address }) => ip_address).join(', ')}`,
          }))}
        />
      )}
    </FormDialog>
  );
}
