import { Select, SimpleGrid, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { securityGroups, subnets, type Network, type Port } from '#api/network/networks.ts';
import { portWrites, type NewPort, type PortChange } from '#api/network/port-writes.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { holds, parseCidr, parseIp } from './address.ts';
import { called } from './names.ts';
import { PortFields, portFlags, type PortValues } from './port-fields.tsx';
import { macWrong, pairsOf, pairsText, wrongPair } from './port-form.ts';
import { portTexts } from './port-texts.ts';
import { subnetTexts } from './subnet-texts.ts';
import { useReach, useReread } from './use-network.ts';

export function CreatePortDialog({ network, close }: { readonly network: Network; readonly close: () => void }) {
  const t = useText(portTexts);
  const s = useText(subnetTexts);
  const reread = useReread();
  const reach = useReach();
  const { isAdmin, project } = useSignedIn();
  const owner = isAdmin || network.tenant_id === project.id;
  const { data: groups } = useList(securityGroups);
  const standard = groups?.find(({ name, tenant_id }) => name === 'default' && tenant_id === project.id);
  const { data: allSubnets } = useList(subnets, reach);
  const here = useMemo(
    () => (allSubnets ?? []).filter(({ network_id }) => network_id === network.id),
    [allSubnets, network.id],
  );
  const fields = useFields<PortValues>({
    name: '',
    adminState: true,
    portSecurity: network.port_security_enabled ?? true,
    groups: standard ? [standard.id] : [],
    pairs: '',
    subnet: '',
    address: '',
    mac: '',
  });
  const { values } = fields;
  const subnet = here.find(({ id }) => id === values.subnet);
  const cidr = parseCidr(subnet?.cidr ?? '');
  const ip = parseIp(values.address);
  const addressWrong =
    subnet === undefined || values.address.trim() === ''
      ? undefined
      : !ip
        ? s.notAddress(values.address)
        : cidr && !holds(cidr, ip)
          ? s.outside(values.address)
          : undefined;
  const body: NewPort = {
    network_id: network.id,
    name: values.name.trim(),
    admin_state_up: values.adminState,
    ...(subnet && {
      fixed_ips: [{ subnet_id: subnet.id, ...(values.address.trim() !== '' && { ip_address: values.address.trim() }) }],
    }),
    ...(values.mac.trim() !== '' && { mac_address: values.mac.trim() }),
    ...(owner && { port_security_enabled: values.portSecurity }),
    security_groups: values.portSecurity ? values.groups : [],
    ...(values.portSecurity && values.pairs.trim() !== '' && { allowed_address_pairs: pairsOf(values.pairs) }),
  };
  return (
    <FormDialog
      title={t.add}
      verb={t.add}
      size="xl"
      refuse={(addressWrong ?? wrongPair(values.pairs)) !== undefined || macWrong(values.mac) ? s.fixTheForm : null}
      close={close}
      preview={{
        command: commandLine(
          'openstack port create',
          ['--network', called(network)],
          subnet && [
            '--fixed-ip',
            `subnet=${called(subnet)}${values.address.trim() === '' ? '' : `,ip-address=${values.address.trim()}`}`,
          ],
          values.mac.trim() !== '' && ['--mac-address', values.mac.trim()],
          ...portFlags(values),
          [values.name.trim()],
        ),
        call: portWrites.createCall(body),
      }}
      submit={async () => {
        await portWrites.create(body);
        reread('port');
      }}
    >
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          label={t.subnet}
          value={values.subnet}
          onChange={(id) => fields.set('subnet', id ?? '')}
          description={owner ? undefined : t.notYourNetwork}
          disabled={!owner}
          data={[
            { value: '', label: t.anySubnet },
            ...here.map((one) => ({ value: one.id, label: `${called(one)} (${one.cidr})` })),
          ]}
        />
        <TextInput
          label={t.fixedIp}
          description={t.fixedIpHint}
          disabled={!subnet}
          error={addressWrong}
          {...fields.text('address')}
        />
        <TextInput
          label={t.mac}
          description={owner ? t.fixedIpHint : t.notYourNetwork}
          disabled={!owner}
          error={macWrong(values.mac) ? t.notMac : undefined}
          {...fields.text('mac')}
        />
      </SimpleGrid>
      <PortFields fields={fields} owner={owner} />
    </FormDialog>
  );
}

export function EditPortDialog({
  port,
  network,
  close,
}: {
  readonly port: Port;
  readonly network: Network | undefined;
  readonly close: () => void;
}) {
  const t = useText(portTexts);
  const s = useText(subnetTexts);
  const u = useText(uiTexts);
  const reread = useReread();
  const { isAdmin, project } = useSignedIn();
  const owner = isAdmin || network?.tenant_id === project.id;
  const fields = useFields<PortValues>({
    name: port.name,
    adminState: port.admin_state_up,
    portSecurity: port.port_security_enabled ?? true,
    groups: port.security_groups,
    pairs: pairsText(port.allowed_address_pairs ?? [], port.mac_address),
    subnet: '',
    address: '',
    mac: '',
  });
  const { values } = fields;
  const change: PortChange = {
    name: values.name.trim(),
    admin_state_up: values.adminState,
    security_groups: values.portSecurity ? values.groups : [],
    allowed_address_pairs: values.portSecurity ? pairsOf(values.pairs) : [],
    ...(owner && { port_security_enabled: values.portSecurity }),
  };
  return (
    <FormDialog
      title={t.editTitle(called(port))}
      verb={u.save}
      size="xl"
      refuse={wrongPair(values.pairs) === undefined ? null : s.fixTheForm}
      close={close}
      preview={{
        command: commandLine(
          'openstack port set --no-security-group --no-allowed-address',
          ['--name', values.name.trim()],
          values.adminState && '--enable',
          ...portFlags(values),
          [port.id],
        ),
        call: portWrites.updateCall(port.id, change),
      }}
      submit={async () => {
        await portWrites.update(port.id, change);
        reread('port');
      }}
    >
      <PortFields fields={fields} owner={owner} />
    </FormDialog>
  );
}
