import { Select, Switch, TextInput } from '@mantine/core';
import { networks, type Router } from '#api/network/networks.ts';
import { routerWrites, type Gateway } from '#api/network/router-writes.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { useFields } from '#ui/use-fields.ts';
import { parseIp } from '../networks/address.ts';
import { called } from '../networks/names.ts';
import { useReread } from '../networks/use-network.ts';
import { routerTexts } from './texts.ts';

/** Where a router leads outside; administrators also choose its address and whether it translates addresses. */
export function GatewayDialog({ router, close }: { readonly router: Router; readonly close: () => void }) {
  const t = useText(routerTexts);
  const { isAdmin } = useSignedIn();
  const reread = useReread();
  const { data } = useList(networks);
  const outside = (data ?? []).filter((network) => network['router:external']);
  const now = router.external_gateway_info;
  const fields = useFields<{ network: string | null; address: string; snat: boolean }>({
    network: now?.network_id ?? null,
    address: now?.external_fixed_ips?.[0]?.ip_address ?? '',
    snat: now?.enable_snat ?? true,
  });
  const { values } = fields;
  const network = values.network ?? outside[0]?.id;
  const addressWrong = values.address.trim() !== '' && !parseIp(values.address);
  const address = values.address.trim();
  const gateway: Gateway = {
    network_id: network ?? '',
    ...(isAdmin && values.snat !== (now?.enable_snat ?? true) && { enable_snat: values.snat }),
    ...(isAdmin &&
      address !== '' &&
      address !== now?.external_fixed_ips?.[0]?.ip_address && { external_fixed_ips: [{ ip_address: address }] }),
  };
  const chosen = outside.find(({ id }) => id === network);
  const change = { external_gateway_info: gateway };
  return (
    <FormDialog
      title={now ? t.changeGateway : t.setGateway}
      verb={now ? t.changeGateway : t.setGateway}
      refuse={network === undefined ? t.noExternal : addressWrong ? t.notAddress : null}
      close={close}
      preview={{
        command: commandLine(
          'openstack router set',
          ['--external-gateway', chosen ? called(chosen) : ''],
          gateway.external_fixed_ips !== undefined && ['--fixed-ip', `ip-address=${address}`],
          gateway.enable_snat !== undefined && (values.snat ? '--enable-snat' : '--disable-snat'),
          [called(router)],
        ),
        call: routerWrites.updateCall(router.id, change),
      }}
      submit={async () => {
        await routerWrites.update(router.id, change);
        reread('router', 'port');
      }}
    >
      <Select
        label={t.externalNetwork}
        description={outside.length === 0 ? t.noExternal : undefined}
        allowDeselect={false}
        data-autofocus
        value={network ?? null}
        onChange={(id) => {
          fields.setAll({ ...values, network: id, address: '' });
        }}
        data={outside.map((one) => ({ value: one.id, label: called(one) }))}
      />
      {isAdmin && (
        <>
          <TextInput
            label={t.address}
            description={t.addressHint}
            error={addressWrong ? t.notAddress : undefined}
            {...fields.text('address')}
          />
          <Switch label={t.snat} description={t.snatHint} {...fields.check('snat')} />
        </>
      )}
    </FormDialog>
  );
}
