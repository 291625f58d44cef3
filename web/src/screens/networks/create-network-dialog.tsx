import { Collapse, SimpleGrid, Stack, Switch, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { subnets, type Network } from '#api/network/networks.ts';
import { networkWrites } from '#api/network/network-writes.ts';
import { subnetWrites } from '#api/network/subnet-writes.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { wordsOf } from '#ui/error-notice.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { freeCidr, parseCidr } from './address.ts';
import { NetworkAdminFields } from './network-admin-fields.tsx';
import { emptyNetwork, mtuWrong, newNetwork, segmentWrong, type NetworkValues } from './network-form.ts';
import { subnetCommand } from './subnet-dialog.tsx';
import { SubnetFields } from './subnet-fields.tsx';
import { emptySubnet, newSubnet, subnetProblems, type SubnetValues } from './subnet-form.ts';
import { subnetTexts } from './subnet-texts.ts';
import { networkTexts } from './texts.ts';
import { useReread } from './use-network.ts';

/** A network and its first subnet on one form; when the subnet fails, the network is undone, so that trying again is safe. */
export function CreateNetworkDialog({
  close,
  made,
}: {
  readonly close: () => void;
  readonly made?: (network: Network) => void;
}) {
  const t = useText(networkTexts);
  const s = useText(subnetTexts);
  const u = useText(uiTexts);
  const { isAdmin } = useSignedIn();
  const reread = useReread();
  const { data } = useList(subnets);
  const suggestion = useMemo(() => freeCidr((data ?? []).flatMap(({ cidr }) => parseCidr(cidr) ?? [])), [data]);
  const fields = useFields<NetworkValues>(emptyNetwork);
  const subnet = useFields<SubnetValues>({ ...emptySubnet, cidr: suggestion });
  const { values } = fields;
  const problems = subnetProblems(subnet.values);
  const body = newNetwork(values, isAdmin);
  const refuse =
    values.name.trim() === ''
      ? `${u.required}: ${u.name}`
      : mtuWrong(values.mtu)
        ? t.mtuWrong
        : segmentWrong(values.segment) || (values.withSubnet && Object.keys(problems).length > 0)
          ? s.fixTheForm
          : null;

  const submit = async (): Promise<void> => {
    const network = await networkWrites.create(body);
    if (values.withSubnet)
      await makeSubnet(network).catch(async (error: unknown) => {
        await networkWrites.remove(network.id);
        throw new Error(t.madeNoSubnet(wordsOf(error)), { cause: error });
      });
    reread('network', 'subnet');
    made?.(network);
  };
  const makeSubnet = async (network: Network): Promise<void> => {
    await subnetWrites.create(subnetBody(network.id, network.tenant_id));
  };
  const subnetBody = (networkId: string, project: string) => ({
    ...newSubnet(subnet.values, { id: networkId, name: values.name.trim() }),
    ...(values.project !== '' && { tenant_id: project }),
  });

  return (
    <FormDialog
      title={t.create}
      verb={u.create}
      size="xl"
      refuse={refuse}
      close={close}
      submit={submit}
      preview={{
        command: [
          commandLine(
            'openstack network create',
            isAdmin && values.project !== '' && ['--project', values.project],
            isAdmin && values.shared && '--share',
            isAdmin && values.external && '--external',
            body['provider:network_type'] !== undefined && ['--provider-network-type', body['provider:network_type']],
            body['provider:physical_network'] !== undefined && [
              '--provider-physical-network',
              body['provider:physical_network'],
            ],
            body['provider:segmentation_id'] !== undefined && [
              '--provider-segment',
              String(body['provider:segmentation_id']),
            ],
            !values.adminState && '--disable',
            !values.portSecurity && '--disable-port-security',
            body.mtu !== undefined && ['--mtu', String(body.mtu)],
            body.description !== undefined && ['--description', body.description],
            [values.name.trim() || 'NAME'],
          ),
          ...(values.withSubnet ? [subnetCommand(subnet.values, values.name.trim() || 'NAME')] : []),
        ].join('\n'),
        call: [
          networkWrites.createCall(body),
          ...(values.withSubnet ? [subnetWrites.createCall(subnetBody('NETWORK_ID', values.project))] : []),
        ],
      }}
    >
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput label={u.name} required maxLength={255} data-autofocus {...fields.text('name')} />
        <TextInput label={u.description} maxLength={255} {...fields.text('description')} />
      </SimpleGrid>
      <Switch label={t.withSubnet} {...fields.check('withSubnet')} />
      <Collapse expanded={values.withSubnet}>
        <Stack>
          <SubnetFields fields={subnet} problems={problems} network={values.name.trim()} />
        </Stack>
      </Collapse>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Switch label={t.adminState} description={t.adminStateHint} {...fields.check('adminState')} />
        <Switch label={t.portSecurity} description={t.portSecurityHint} {...fields.check('portSecurity')} />
        <TextInput
          label={t.mtu}
          description={t.mtuHint}
          inputMode="numeric"
          error={mtuWrong(values.mtu) ? t.mtuWrong : undefined}
          {...fields.text('mtu')}
        />
      </SimpleGrid>
      {isAdmin && <NetworkAdminFields fields={fields} />}
    </FormDialog>
  );
}
