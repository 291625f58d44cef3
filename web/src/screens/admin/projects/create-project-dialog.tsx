import { Alert, Checkbox, Fieldset, MultiSelect, Select, SimpleGrid, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { grant, grantCall } from '#api/identity/assignments.ts';
import { groups, projects, roles as roleResource, users, type Project } from '#api/identity/identity.ts';
import { makeResumable } from '#api/identity/resumable.ts';
import { useNames } from '#api/identity/use-names.ts';
import { projectWrites } from '#api/identity/writes.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { quotaServices, setQuota, setQuotaCall } from '#api/usage/quotas.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields, type Fields } from '#ui/use-fields.ts';
import { EMPTY } from '../quotas/limit-draft.ts';
import { LimitInput } from '../quotas/limit-input.tsx';
import { useResourceWords } from '../quotas/resource-words.ts';
import { quotaTexts } from '../quotas/texts.ts';
import { useAllDefaults, useQuotaServices } from '../quotas/use-all-quotas.ts';
import { columnsOf } from '../quotas/views.ts';
import { RolesSelect } from '../roles/roles-select.tsx';
import { roleTexts } from '../roles/texts.ts';
import { emptyProject, newLimits, newProject, partyOf, type ProjectValues } from './project-form.ts';
import { projectTexts } from './texts.ts';

type FormFields = Fields<ProjectValues>;

/** Makes a project, with those who work in it and what they may use. */
export function CreateProjectDialog({
  close,
  made,
}: {
  readonly close: () => void;
  readonly made: (project: Project) => void;
}) {
  const t = useText(projectTexts);
  const ui = useText(uiTexts);
  const r = useText(roleTexts);
  const q = useText(quotaTexts);
  const reread = useReread();
  const fields = useFields<ProjectValues>(emptyProject);
  const { values } = fields;
  const { data: allRoles } = useList(roleResource);
  const [resumable] = useState(makeResumable);
  const [done, setDone] = useState<Project | null>(null);
  const columns = columnsOf('main', useQuotaServices());
  const limits = newLimits(values.limits, columns);
  const body = newProject(values);
  const member = allRoles?.find(({ name }) => name === 'member')?.id;
  const roles = values.roles.length > 0 || member === undefined ? values.roles : [member];
  const grants = values.members.flatMap((one) => roles.map((role) => ({ actor: partyOf(one), role })));
  const limited = quotaServices.flatMap((service) => {
    const own = limits?.[service];
    return own ? [{ service, own }] : [];
  });
  const id = done?.id ?? 'PROJECT_ID';
  return (
    <FormDialog
      title={t.create}
      verb={ui.create}
      size="xl"
      refuse={
        body.name === ''
          ? `${ui.required}: ${ui.name}`
          : limits === null
            ? q.invalid
            : values.members.length > 0 && roles.length === 0
              ? r.chooseRole
              : null
      }
      close={close}
      preview={{
        command: [
          commandLine(
            'openstack project create',
            body.domain_id !== undefined && ['--domain', body.domain_id],
            body.parent_id !== undefined && ['--parent', body.parent_id],
            body.description !== undefined && ['--description', body.description],
            body.enabled === false && '--disable',
            [body.name],
          ),
          ...grants.map(({ actor, role }) =>
            commandLine(
              'openstack role add',
              [`--${actor.kind}`, actor.id],
              ['--project', body.name],
              [allRoles?.find((one) => one.id === role)?.name ?? role],
            ),
          ),
          ...(limited.length > 0
            ? [
                commandLine(
                  'openstack quota set',
                  ...limited.flatMap(({ own }) =>
                    Object.entries(own).map(([name, limit]) => [`--${optionOf(name)}`, String(limit)]),
                  ),
                  [body.name],
                ),
              ]
            : []),
        ].join('\n'),
        call: [
          projectWrites.createCall(body),
          ...grants.map(({ actor, role }) => grantCall({ actor, target: { kind: 'project', id }, role })),
          ...limited.map(({ service, own }) => setQuotaCall(service, id, own)),
        ],
      }}
      submit={async () => {
        const project = await resumable.step('project', () => projectWrites.create(body));
        setDone(project);
        reread('project');
        const target = { kind: 'project', id: project.id } as const;
        for (const one of grants) await resumable.step(`grant ${JSON.stringify(one)}`, () => grant({ ...one, target }));
        for (const { service, own } of limited)
          await resumable.step(`quota ${service} ${JSON.stringify(own)}`, () => setQuota(service, project.id, own));
        reread('role_assignment', 'quota');
        made(project);
      }}
    >
      {done && (
        <Alert color="orange" variant="light" role="status">
          {t.made(done.name)}
        </Alert>
      )}
      <MainFields fields={fields} made={done !== null} />
      <MemberFields fields={fields} roles={roles} />
      <QuotaFields fields={fields} />
    </FormDialog>
  );
}

/** The option of `openstack quota set`, where it is not the resource's own name. */
const optionOf = (resource: string): string => (resource === 'floatingip' ? 'floating-ips' : resource);

function MainFields({ fields, made }: { readonly fields: FormFields; readonly made: boolean }) {
  const t = useText(projectTexts);
  const ui = useText(uiTexts);
  const names = useNames();
  const { data: all } = useList(projects);
  const { values } = fields;
  const session = useSignedIn();
  const domain = values.domain === '' ? session.project.domain.id : values.domain;
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <TextInput label={ui.name} required maxLength={64} data-autofocus disabled={made} {...fields.text('name')} />
      {names.many && (
        <Select
          label={t.domain}
          disabled={made}
          allowDeselect={false}
          value={domain}
          onChange={(next) => fields.setAll({ ...values, domain: next ?? '', parent: '' })}
          data={names.domains.map(({ id, name }) => ({ value: id, label: name }))}
        />
      )}
      <Select
        label={t.parent}
        searchable
        disabled={made}
        value={values.parent}
        onChange={(next) => fields.set('parent', next ?? '')}
        data={[
          { value: '', label: t.noParent },
          ...(all ?? [])
            .filter((one) => one.domain_id === domain && one.enabled)
            .map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      <Textarea label={ui.description} autosize minRows={1} disabled={made} {...fields.text('description')} />
      <Checkbox label={t.enabled} disabled={made} {...fields.check('enabled')} />
    </SimpleGrid>
  );
}

function MemberFields({ fields, roles }: { readonly fields: FormFields; readonly roles: readonly string[] }) {
  const t = useText(projectTexts);
  const r = useText(roleTexts);
  const names = useNames();
  const { data: allUsers } = useList(users);
  const { data: allGroups } = useList(groups);
  return (
    <Fieldset legend={t.membersLegend}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} style={{ alignItems: 'end' }}>
        <MultiSelect
          label={t.members}
          description={t.membersHint}
          searchable
          hidePickedOptions
          value={[...fields.values.members]}
          onChange={(next) => fields.set('members', next)}
          data={[
            {
              group: r.users,
              items: (allUsers ?? []).map(({ id }) => ({ value: `user/${id}`, label: names.user(id) })),
            },
            {
              group: r.groups,
              items: (allGroups ?? []).map(({ id }) => ({ value: `group/${id}`, label: names.group(id) })),
            },
          ]}
        />
        <RolesSelect value={roles} onChange={(next) => fields.set('roles', next)} />
      </SimpleGrid>
    </Fieldset>
  );
}

function QuotaFields({ fields }: { readonly fields: FormFields }) {
  const t = useText(projectTexts);
  const q = useText(quotaTexts);
  const words = useResourceWords();
  const defaults = useAllDefaults();
  const columns = columnsOf('main', useQuotaServices());
  const { limits } = fields.values;
  return (
    <Fieldset legend={t.quotasLegend}>
      <Text size="sm" c="dimmed" mb="xs">
        {t.quotasHint}
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {columns.map(({ service, resource }) => {
          const standard = defaults[service]?.[resource]?.limit;
          return (
            <LimitInput
              key={resource}
              resource={resource}
              label={words.title(resource)}
              emptyAllowed
              draft={limits[resource] ?? EMPTY}
              onChange={(draft) => fields.set('limits', { ...limits, [resource]: draft })}
              {...(standard !== undefined && { placeholder: q.leaveDefault(words.limit(resource, standard)) })}
            />
          );
        })}
      </SimpleGrid>
    </Fieldset>
  );
}
