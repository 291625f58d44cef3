import { Input, SegmentedControl, Select, TextInput } from '@mantine/core';
import { networks, ports, subnets, type Router } from '#api/network/networks.ts';
import { portWrites, type NewPort } from '#api/network/port-writes.ts';
import { addInterface, addInterfaceCall } from '#api/network/router-writes.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { useFields } from '#ui/use-fields.ts';
import { called } from '../networks/names.ts';
import { useReach, useReread } from '../networks/use-network.ts';
import { addressProblem, subnetChoices } from './interface-form.ts';
import { routerTexts } from './texts.ts';
import { useLegs } from './use-interfaces.ts';

/**
 * Gives a router a leg: in a subnet (its gateway address, or one that is said), or by a port of one's own. An address that is
 * said needs a port first; when the router does not take it, the port is removed again.
 */
export function InterfaceDialog({
  router,
  initialSubnet,
  close,
}: {
  readonly router: Router;
  readonly initialSubnet?: string;
  readonly close: () => void;
}) {
  const t = useText(routerTexts);
  const reread = useReread();
  const reach = useReach();
  const legs = useLegs()?.get(router.id) ?? [];
  const { data: allSubnets } = useList(subnets, reach);
  const { data: allNetworks } = useList(networks, reach);
  const { data: allPorts } = useList(ports, reach);
  const fields = useFields<{ how: 'subnet' | 'port'; subnet: string | null; port: string | null; address: string }>({
    how: 'subnet',
    subnet: initialSubnet ?? null,
    port: null,
    address: '',
  });
  const { values } = fields;
  const networkOf = (id: string) => allNetworks?.find((network) => network.id === id);
  const choices = subnetChoices(
    (allSubnets ?? []).filter(({ network_id, tenant_id }) => {
      const network = networkOf(network_id);
      return network && !network['router:external'] && (network.shared || tenant_id === router.tenant_id);
    }),
    legs.flatMap(({ subnet }) => subnet ?? []),
  );
  const freePorts = (allPorts ?? []).filter(
    (port) => port.device_id === '' && port.fixed_ips.length > 0 && port.tenant_id === router.tenant_id,
  );
  const choice = choices.find(({ subnet }) => subnet.id === values.subnet);
  const wrong = choice && addressProblem(choice.subnet, values.address);
  const address = values.address.trim();
  const ownAddress = choice !== undefined && address !== '' && address !== choice.subnet.gateway_ip;
  const end =
    values.how === 'port'
      ? { port_id: values.port ?? '' }
      : ownAddress
        ? { port_id: 'PORT_ID' }
        : { subnet_id: values.subnet ?? '' };
  const newPort: NewPort | null =
    values.how === 'subnet' && ownAddress
      ? {
          name: `${called(router)}-port`,
          network_id: choice.subnet.network_id,
          fixed_ips: [{ subnet_id: choice.subnet.id, ip_address: address }],
          tenant_id: router.tenant_id,
        }
      : null;
  const refuse =
    values.how === 'port'
      ? freePorts.length === 0
        ? t.noPorts
        : values.port === null
          ? t.choosePort
          : null
      : choices.length === 0
        ? t.noSubnets
        : !choice
          ? t.chooseSubnet
          : choice.overlaps !== null
            ? t.overlaps(choice.overlaps)
            : wrong
              ? { needsAddress: t.needsAddress, notAddress: t.notAddress, outside: t.outside(choice.subnet.cidr) }[
                  wrong
                ]
              : null;

  const submit = async (): Promise<void> => {
    if (newPort) {
      const port = await portWrites.create(newPort);
      await addInterface(router.id, { port_id: port.id }).catch(async (error: unknown) => {
        await portWrites.remove(port.id);
        throw error;
      });
    } else await addInterface(router.id, end);
    reread('router', 'port');
  };
  return (
    <FormDialog
      title={t.addInterfaceTo(called(router))}
      verb={t.addInterface}
      refuse={refuse}
      close={close}
      submit={submit}
      preview={{
        command: newPort
          ? [
              commandLine(
                'openstack port create',
                ['--network', newPort.network_id],
                ['--fixed-ip', `subnet=${values.subnet},ip-address=${address}`],
                [newPort.name ?? ''],
              ),
              commandLine('openstack router add port', [called(router), newPort.name ?? '']),
            ].join('\n')
          : values.how === 'port'
            ? commandLine('openstack router add port', [called(router), values.port ?? ''])
            : commandLine('openstack router add subnet', [called(router), choice ? called(choice.subnet) : '']),
        call: [...(newPort ? [portWrites.createCall(newPort)] : []), addInterfaceCall(router.id, end)],
      }}
    >
      <Input.Wrapper label={t.how} labelElement="div">
        <SegmentedControl
          fullWidth
          aria-label={t.how}
          value={values.how}
          onChange={(how) => fields.set('how', how)}
          data={[
            { value: 'subnet', label: t.wholeSubnet },
            { value: 'port', label: t.somePort },
          ]}
        />
      </Input.Wrapper>
      {values.how === 'subnet' ? (
        <>
          <Select
            label={t.subnet}
            data-autofocus
            searchable
            value={values.subnet}
            onChange={(id) => fields.set('subnet', id)}
            data={choices.map(({ subnet, overlaps }) => {
              const network = networkOf(subnet.network_id);
              return {
                value: subnet.id,
                label: `${network ? called(network) : ''} · ${called(subnet)} (${subnet.cidr})`,
                disabled: overlaps !== null,
              };
            })}
          />
          <TextInput
            label={t.address}
            description={
              choice
                ? choice.subnet.gateway_ip === null
                  ? t.needsAddress
                  : t.byAddress(choice.subnet.gateway_ip)
                : undefined
            }
            disabled={!choice}
            error={
              choice && wrong && wrong !== 'needsAddress'
                ? { notAddress: t.notAddress, outside: t.outside(choice.subnet.cidr) }[wrong]
                : undefined
            }
            {...fields.text('address')}
          />
        </>
      ) : (
        <Select
          label={t.port}
          searchable
          value={values.port}
          onChange={(id) => fields.set('port', id)}
          data={freePorts.map((port) => ({
            value: port.id,
            label: `${called(port)} · ${port.fixed_ips.map(({ ip_address }) => ip_address).join(', ')}`,
          }))}
        />
      )}
    </FormDialog>
  );
}
