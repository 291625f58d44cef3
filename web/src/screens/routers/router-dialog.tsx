import { Select, Switch, TextInput } from '@mantine/core';
import { projects } from '#api/identity/identity.ts';
import { networks, type Router } from '#api/network/networks.ts';
import { routerWrites, type NewRouter } from '#api/network/router-writes.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { called } from '../networks/names.ts';
import { networkTexts } from '../networks/texts.ts';
import { useReread } from '../networks/use-network.ts';
import { routerTexts } from './texts.ts';

export function CreateRouterDialog({
  close,
  made,
}: {
  readonly close: () => void;
  readonly made?: (router: Router) => void;
}) {
  const t = useText(routerTexts);
  const u = useText(uiTexts);
  const n = useText(networkTexts);
  const reread = useReread();
  const { isAdmin } = useSignedIn();
  const { data: allProjects } = useList(projects, { enabled: isAdmin });
  const { data } = useList(networks);
  const outside = (data ?? []).filter((network) => network['router:external']);
  const fields = useFields<{
    name: string;
    description: string;
    network: string | null;
    adminState: boolean;
    /** Another project's, by administrators; empty: the current one's. */
    project: string;
  }>({ name: '', description: '', network: null, adminState: true, project: '' });
  const { values } = fields;
  const network = values.network ?? (outside.length === 1 ? (outside[0]?.id ?? '') : '');
  const body: NewRouter = {
    name: values.name.trim(),
    admin_state_up: values.adminState,
    ...(values.description.trim() !== '' && { description: values.description.trim() }),
    ...(network !== '' && { external_gateway_info: { network_id: network } }),
    ...(values.project !== '' && { tenant_id: values.project }),
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
          values.project !== '' && ['--project', values.project],
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
      {isAdmin && (
        <Select
          label={n.project}
          searchable
          allowDeselect={false}
          value={values.project}
          onChange={(id) => fields.set('project', id ?? '')}
          data={[
            { value: '', label: n.ownProject },
            ...(allProjects ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      )}
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
