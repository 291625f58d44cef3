import { Select, Switch, TextInput } from '@mantine/core';
import { networks, type Router } from '#api/network/networks.ts';
import { routerWrites, type NewRouter } from '#api/network/router-writes.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { called } from '../networks/names.ts';
import { useReread } from '../networks/use-network.ts';
import { routerTexts } from './texts.ts';

export function CreateRouterDialog({
  close,
  made,
  project,
}: {
  readonly close: () => void;
  readonly made?: (router: Router) => void;
  /** Another project's, by administrators. */
  readonly project?: string;
}) {
  const t = useText(routerTexts);
  const u = useText(uiTexts);
  const reread = useReread();
  const { data } = useList(networks);
  const outside = (data ?? []).filter((network) => network['router:external']);
  const fields = useFields<{ name: string; description: string; network: string | null; adminState: boolean }>({
    name: '',
    description: '',
    network: null,
    adminState: true,
  });
  const { values } = fields;
  const network = values.network ?? (outside.length === 1 ? (outside[0]?.id ?? '') : '');
  const body: NewRouter = {
    name: values.name.trim(),
    admin_state_up: values.adminState,
    ...(values.description.trim() !== '' && { description: values.description.trim() }),
    ...(network !== '' && { external_gateway_info: { network_id: network } }),
    ...(project !== undefined && { tenant_id: project }),
  };
  const chosen = outside.find(({ id }) => id === network);
  return (
    <FormDialog
      title={t.create}
      verb={u.create}
      refuse={body.name === '' ? `${u.required}: ${u.name}` : null}
      close={close}
      preview={{
        command: commandLine(
          'openstack router create',
          project !== undefined && ['--project', project],
          !values.adminState && '--disable',
          body.description !== undefined && ['--description', body.description],
          chosen && ['--external-gateway', called(chosen)],
          [body.name],
        ),
        call: routerWrites.createCall(body),
      }}
      submit={async () => {
        const router = await routerWrites.create(body);
        reread('router', 'port');
        made?.(router);
      }}
    >
      <TextInput label={u.name} required maxLength={255} data-autofocus {...fields.text('name')} />
      <TextInput label={u.description} maxLength={255} {...fields.text('description')} />
      <Select
        label={`${t.gateway}: ${t.externalNetwork}`}
        description={outside.length === 0 ? t.noExternal : undefined}
        value={network}
        onChange={(id) => fields.set('network', id ?? '')}
        data={[{ value: '', label: t.noGateway }, ...outside.map((one) => ({ value: one.id, label: called(one) }))]}
      />
      <Switch label={t.adminState} {...fields.check('adminState')} />
    </FormDialog>
  );
}

export function EditRouterDialog({ router, close }: { readonly router: Router; readonly close: () => void }) {
  const t = useText(routerTexts);
  const u = useText(uiTexts);
  const reread = useReread();
  const fields = useFields({
    name: router.name,
    description: router.description ?? '',
    adminState: router.admin_state_up,
  });
  const { values } = fields;
  const change = {
    name: values.name.trim(),
    description: values.description.trim(),
    admin_state_up: values.adminState,
  };
  return (
    <FormDialog
      title={t.editTitle(called(router))}
      verb={u.save}
      close={close}
      preview={{
        command: commandLine(
          'openstack router set',
          ['--name', change.name],
          ['--description', change.description],
          change.admin_state_up ? '--enable' : '--disable',
          [router.id],
        ),
        call: routerWrites.updateCall(router.id, change),
      }}
      submit={async () => {
        await routerWrites.update(router.id, change);
        reread('router');
      }}
    >
      <TextInput label={u.name} maxLength={255} data-autofocus {...fields.text('name')} />
      <TextInput label={u.description} maxLength={255} {...fields.text('description')} />
      <Switch label={t.adminState} {...fields.check('adminState')} />
    </FormDialog>
  );
}
