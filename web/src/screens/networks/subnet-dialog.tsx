import { useMemo } from 'react';
import { subnets, type Network, type Subnet } from '#api/network/networks.ts';
import { subnetWrites } from '#api/network/subnet-writes.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { freeCidr, parseCidr } from './address.ts';
import { called } from './names.ts';
import { SubnetFields } from './subnet-fields.tsx';
import {
  emptySubnet,
  newSubnet,
  subnetChange,
  subnetProblems,
  subnetValues,
  type SubnetValues,
} from './subnet-form.ts';
import { subnetTexts } from './subnet-texts.ts';
import { useReread } from './use-network.ts';

/** The flags that subnets are made and changed with. */
export const subnetFlags = (body: {
  readonly enable_dhcp?: boolean;
  readonly gateway_ip?: string | null;
  readonly allocation_pools?: readonly { readonly start: string; readonly end: string }[];
  readonly dns_nameservers?: readonly string[];
  readonly host_routes?: readonly { readonly destination: string; readonly nexthop: string }[];
}): readonly (string | readonly string[] | false)[] => [
  body.enable_dhcp === false && '--no-dhcp',
  body.gateway_ip !== undefined && ['--gateway', body.gateway_ip ?? 'none'],
  ...(body.allocation_pools ?? []).map(({ start, end }) => ['--allocation-pool', `start=${start},end=${end}`]),
  ...(body.dns_nameservers ?? []).map((server) => ['--dns-nameserver', server]),
  ...(body.host_routes ?? []).map(({ destination, nexthop }) => [
    '--host-route',
    `destination=${destination},gateway=${nexthop}`,
  ]),
];

/** `openstack subnet create …` */
export const subnetCommand = (values: SubnetValues, network: string): string => {
  const body = newSubnet(values, { id: '', name: network });
  return commandLine(
    'openstack subnet create',
    ['--network', network],
    ['--subnet-range', body.cidr],
    body.ip_version === 6 && ['--ip-version', '6'],
    body.ipv6_ra_mode !== undefined && ['--ipv6-ra-mode', body.ipv6_ra_mode, '--ipv6-address-mode', body.ipv6_ra_mode],
    ...subnetFlags(body),
    [body.name ?? ''],
  );
};

export function CreateSubnetDialog({ network, close }: { readonly network: Network; readonly close: () => void }) {
  const t = useText(subnetTexts);
  const reread = useReread();
  const { data } = useList(subnets);
  const suggestion = useMemo(() => freeCidr((data ?? []).flatMap(({ cidr }) => parseCidr(cidr) ?? [])), [data]);
  const fields = useFields<SubnetValues>({ ...emptySubnet, cidr: suggestion });
  const problems = subnetProblems(fields.values);
  const refuse = Object.keys(problems).length > 0 ? t.fixTheForm : null;
  const body = newSubnet(fields.values, { id: network.id, name: called(network) });
  return (
    <FormDialog
      title={`${t.add}: ${called(network)}`}
      verb={t.add}
      refuse={refuse}
      close={close}
      preview={{ command: subnetCommand(fields.values, called(network)), call: subnetWrites.createCall(body) }}
      submit={async () => {
        await subnetWrites.create(body);
        reread('subnet', 'network');
      }}
    >
      <SubnetFields fields={fields} problems={problems} network={called(network)} />
    </FormDialog>
  );
}

export function EditSubnetDialog({ subnet, close }: { readonly subnet: Subnet; readonly close: () => void }) {
  const t = useText(subnetTexts);
  const u = useText(uiTexts);
  const reread = useReread();
  const fields = useFields<SubnetValues>(() => subnetValues(subnet));
  const problems = subnetProblems(fields.values);
  const body = subnetChange(fields.values);
  return (
    <FormDialog
      title={t.editTitle(called(subnet))}
      verb={u.save}
      refuse={Object.keys(problems).length > 0 ? t.fixTheForm : null}
      close={close}
      preview={{
        command: commandLine(
          'openstack subnet set --no-allocation-pool --no-dns-nameservers --no-host-route',
          ['--name', body.name ?? ''],
          body.enable_dhcp === true && '--dhcp',
          ...subnetFlags(body),
          [subnet.id],
        ),
        call: subnetWrites.updateCall(subnet.id, body),
      }}
      submit={async () => {
        await subnetWrites.update(subnet.id, body);
        reread('subnet');
      }}
    >
      <SubnetFields fields={fields} problems={problems} existing={subnet.id} />
    </FormDialog>
  );
}
