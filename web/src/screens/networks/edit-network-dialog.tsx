import { SimpleGrid, Switch, TextInput } from '@mantine/core';
import type { Network } from '#api/network/networks.ts';
import { networkWrites, type NetworkChange } from '#api/network/network-writes.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { called } from './names.ts';
import { networkTexts } from './texts.ts';
import { useReread } from './use-network.ts';

export function EditNetworkDialog({ network, close }: { readonly network: Network; readonly close: () => void }) {
  const t = useText(networkTexts);
  const u = useText(uiTexts);
  const { isAdmin } = useSignedIn();
  const reread = useReread();
  const fields = useFields({
    name: network.name,
    description: network.description ?? '',
    adminState: network.admin_state_up,
    portSecurity: network.port_security_enabled ?? true,
    shared: network.shared,
    external: network['router:external'],
  });
  const { values } = fields;
  // Only what changed: sharing may be refused although nobody wanted to change it.
  const change: NetworkChange = {
    name: values.name.trim(),
    description: values.description.trim(),
    admin_state_up: values.adminState,
    ...(values.portSecurity !== (network.port_security_enabled ?? true) && {
      port_security_enabled: values.portSecurity,
    }),
    ...(isAdmin && values.shared !== network.shared && { shared: values.shared }),
    ...(isAdmin && values.external !== network['router:external'] && { 'router:external': values.external }),
  };
  return (
    <FormDialog
      title={t.editTitle(called(network))}
      verb={u.save}
      close={close}
      preview={{
        command: commandLine(
          'openstack network set',
          ['--name', values.name.trim()],
          ['--description', values.description.trim()],
          values.adminState ? '--enable' : '--disable',
          change.port_security_enabled !== undefined &&
            (values.portSecurity ? '--enable-port-security' : '--disable-port-security'),
          change.shared !== undefined && (values.shared ? '--share' : '--no-share'),
          change['router:external'] !== undefined && (values.external ? '--external' : '--internal'),
          [network.id],
        ),
        call: networkWrites.updateCall(network.id, change),
      }}
      submit={async () => {
        await networkWrites.update(network.id, change);
        reread('network');
      }}
    >
      <TextInput label={u.name} maxLength={255} data-autofocus {...fields.text('name')} />
      <TextInput label={u.description} maxLength={255} {...fields.text('description')} />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Switch label={t.adminState} description={t.adminStateHint} {...fields.check('adminState')} />
        <Switch label={t.portSecurity} description={t.portSecurityHint} {...fields.check('portSecurity')} />
        {isAdmin && <Switch label={t.shared} description={t.sharedHint} {...fields.check('shared')} />}
        {isAdmin && <Switch label={t.external} description={t.externalHint} {...fields.check('external')} />}
      </SimpleGrid>
    </FormDialog>
  );
}
