import { Alert, Checkbox, Select, SimpleGrid, TextInput } from '@mantine/core';
import { useState } from 'react';
import { grant, grantCall } from '#api/identity/assignments.ts';
import { generatePassword } from '#api/identity/generate-password.ts';
import { projects, roles, type User } from '#api/identity/identity.ts';
import { makeResumable } from '#api/identity/resumable.ts';
import { useNames } from '#api/identity/use-names.ts';
import { userWrites } from '#api/identity/writes.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useFields } from '#ui/use-fields.ts';
import { roleTexts } from '../roles/texts.ts';
import { PasswordField } from './password-field.tsx';
import { userTexts } from './texts.ts';
import { isEmail, newUser, shown, type UserValues } from './user-form.ts';

/** Makes a user, with a password and a role in the project where they begin. */
export function CreateUserDialog({ close, made }: { readonly close: () => void; readonly made: (user: User) => void }) {
  const t = useText(userTexts);
  const ui = useText(uiTexts);
  const r = useText(roleTexts);
  const names = useNames();
  const reread = useReread();
  const session = useSignedIn();
  const { data: allProjects } = useList(projects);
  const { data: allRoles } = useList(roles);
  const fields = useFields<UserValues>(() => ({
    name: '',
    email: '',
    description: '',
    domain: '',
    password: generatePassword(),
    project: '',
    role: '',
    enabled: true,
  }));
  const { values } = fields;
  const [resumable] = useState(makeResumable);
  const [done, setDone] = useState<User | null>(null);
  const body = newUser(values);
  const role = values.role === '' ? (allRoles?.find(({ name }) => name === 'member')?.id ?? '') : values.role;
  const target = { kind: 'project', id: values.project } as const;
  const isMade = done !== null;
  return (
    <FormDialog
      title={t.create}
      verb={ui.create}
      size="xl"
      refuse={
        body.name === ''
          ? `${ui.required}: ${ui.name}`
          : values.password === ''
            ? t.needPassword
            : body.email !== undefined && !isEmail(body.email)
              ? t.badEmail
              : values.project !== '' && role === ''
                ? r.chooseRole
                : null
      }
      close={close}
      preview={{
        command: [
          commandLine(
            'openstack user create',
            body.domain_id !== undefined && ['--domain', body.domain_id],
            values.project !== '' && ['--project', values.project],
            body.email !== undefined && ['--email', body.email],
            body.description !== undefined && ['--description', body.description],
            body.enabled === false && '--disable',
            '--password-prompt',
            [body.name],
          ),
          ...(values.project === ''
            ? []
            : [
                commandLine(
                  'openstack role add',
                  ['--user', body.name],
                  ['--project', values.project],
                  [allRoles?.find(({ id }) => id === role)?.name ?? role],
                ),
              ]),
        ].join('\n'),
        call: [
          userWrites.createCall(shown(body)),
          ...(values.project === ''
            ? []
            : [grantCall({ actor: { kind: 'user', id: done?.id ?? 'USER_ID' }, target, role })]),
        ],
      }}
      submit={async () => {
        const user = await resumable.step('user', () => userWrites.create(body));
        setDone(user);
        reread('user');
        if (values.project !== '') await grant({ actor: { kind: 'user', id: user.id }, target, role });
        reread('role_assignment');
        made(user);
      }}
    >
      {done && (
        <Alert color="orange" variant="light" role="status">
          {t.made(done.name)}
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label={ui.name}
          required
          maxLength={255}
          autoComplete="off"
          data-autofocus
          disabled={isMade}
          {...fields.text('name')}
        />
        {names.many && (
          <Select
            label={t.domain}
            allowDeselect={false}
            disabled={isMade}
            value={values.domain === '' ? session.project.domain.id : values.domain}
            onChange={(next) => fields.set('domain', next ?? '')}
            data={names.domains.map(({ id, name }) => ({ value: id, label: name }))}
          />
        )}
        <TextInput
          label={t.email}
          type="email"
          autoComplete="off"
          disabled={isMade}
          error={body.email !== undefined && !isEmail(body.email) ? t.badEmail : undefined}
          {...fields.text('email')}
        />
        <TextInput label={ui.description} disabled={isMade} {...fields.text('description')} />
      </SimpleGrid>
      <PasswordField
        label={t.password}
        value={values.password}
        disabled={isMade}
        onChange={(password) => fields.set('password', password)}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }} style={{ alignItems: 'end' }}>
        <Select
          label={t.defaultProject}
          description={t.defaultProjectHint}
          searchable
          value={values.project}
          onChange={(next) => fields.set('project', next ?? '')}
          data={[
            { value: '', label: t.noDefault },
            ...(allProjects ?? []).map(({ id }) => ({ value: id, label: names.project(id) })),
          ]}
        />
        {values.project !== '' && (
          <Select
            label={t.role}
            searchable
            allowDeselect={false}
            value={role === '' ? null : role}
            onChange={(next) => fields.set('role', next ?? '')}
            data={(allRoles ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          />
        )}
      </SimpleGrid>
      <Checkbox label={t.enabled} disabled={isMade} {...fields.check('enabled')} />
    </FormDialog>
  );
}
