import { Alert, Select, Switch } from '@mantine/core';
import { useState } from 'react';
import {
  grant,
  grantCall,
  revoke,
  revokeCall,
  type Assignment,
  type Party,
  type Place,
} from '#api/identity/assignments.ts';
import { groups, projects, roles as roleResource, users } from '#api/identity/identity.ts';
import { useNames } from '#api/identity/use-names.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { useReread } from '#api/identity/use-reread.ts';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { grantCommand } from './grant-command.ts';
import { endsOwnAdmin, rolesDiff } from './grouped.ts';
import { RolesSelect } from './roles-select.tsx';
import { roleTexts } from './texts.ts';

export interface GrantDialogProps {
  /** Who gets them; asked for when absent. */
  readonly actor?: Party & { readonly name: string };
  /** Where; asked for when absent. */
  readonly target?: Place & { readonly name: string };
  /** What they have there: the dialog then changes it. */
  readonly before?: readonly Assignment[];
  readonly close: () => void;
}

const split = <K extends string>(value: string | null): { readonly kind: K; readonly id: string } | null => {
  const [kind, id] = value?.split('/') ?? [];
  return kind !== undefined && id !== undefined ? { kind: kind as K, id } : null;
};

/** Gives somebody roles somewhere, or changes which they have. */
export function GrantDialog({ actor: givenActor, target: givenTarget, before, close }: GrantDialogProps) {
  const t = useText(roleTexts);
  const ui = useText(uiTexts);
  const me = useSignedIn();
  const names = useNames();
  const reread = useReread();
  const { data: allRoles } = useList(roleResource);
  const [party, setParty] = useState<string | null>(null);
  const [place, setPlace] = useState<string | null>(null);
  const [below, setBelow] = useState(before?.[0]?.inherited ?? false);
  const [chosen, setChosen] = useState<readonly string[]>(before?.map(({ role }) => role.id) ?? []);
  const actor = givenActor ?? split<Party['kind']>(party);
  const target = givenTarget ?? split<Place['kind']>(place);
  const { give, take } = rolesDiff(before?.map(({ role }) => role.id) ?? [], chosen);
  const inherited = below && target?.kind !== 'system';
  const taken = before?.filter(({ role }) => take.includes(role.id)) ?? [];
  const refuse = !actor
    ? t.chooseParty
    : !target
      ? t.choosePlace
      : endsOwnAdmin(taken, me)
        ? t.ownAdmin
        : chosen.length === 0 && !before
          ? t.chooseRole
          : give.length + take.length === 0
            ? t.nothingChanged
            : null;
  const plan = actor && target ? { actor, target, inherited } : null;
  const roleName = (id: string): string => allRoles?.find((one) => one.id === id)?.name ?? id;
  return (
    <FormDialog
      title={
        before && givenActor && givenTarget
          ? t.changeTitle(givenActor.name, givenTarget.name)
          : givenTarget
            ? t.grantIn(givenTarget.name)
            : givenActor
              ? t.grantTo(givenActor.name)
              : t.grant
      }
      verb={before ? ui.save : t.grant}
      refuse={refuse}
      close={close}
      {...(plan &&
        refuse === null && {
          preview: {
            command: [
              ...give.map((role) => grantCommand('add', { ...plan, role: roleName(role) })),
              ...take.map((role) => grantCommand('remove', { ...plan, role: roleName(role) })),
            ].join('\n'),
            call: [
              ...give.map((role) => grantCall({ ...plan, role })),
              ...take.map((role) => revokeCall({ ...plan, role })),
            ],
          },
        })}
      submit={async () => {
        if (!plan) return;
        // First give, then take: nobody is without any role in between.
        for (const role of give) await grant({ ...plan, role });
        for (const role of take) await revoke({ ...plan, role });
        reread('role_assignment', 'user', 'project');
      }}
    >
      {!givenActor && <PartySelect value={party} onChange={setParty} />}
      {!givenTarget && <PlaceSelect value={place} onChange={setPlace} />}
      <RolesSelect value={chosen} onChange={setChosen} focus={givenActor !== undefined && givenTarget !== undefined} />
      {before && chosen.length === 0 && refuse === null && (
        <Alert color="orange" variant="light">
          {t.noRolesLeft}
        </Alert>
      )}
      {!before && target !== null && (target.kind === 'domain' || names.many) && target.kind !== 'system' && (
        <Switch
          label={t.inheritedLabel}
          description={t.inheritedHint}
          checked={below}
          onChange={(event) => setBelow(event.currentTarget.checked)}
        />
      )}
    </FormDialog>
  );
}

interface SelectProps {
  readonly value: string | null;
  readonly onChange: (value: string | null) => void;
}

function PartySelect({ value, onChange }: SelectProps) {
  const t = useText(roleTexts);
  const names = useNames();
  const { data: allUsers } = useList(users);
  const { data: allGroups } = useList(groups);
  return (
    <Select
      label={t.party}
      searchable
      required
      data-autofocus
      value={value}
      onChange={onChange}
      data={[
        { group: t.users, items: (allUsers ?? []).map(({ id }) => ({ value: `user/${id}`, label: names.user(id) })) },
        {
          group: t.groups,
          items: (allGroups ?? []).map(({ id }) => ({ value: `group/${id}`, label: names.group(id) })),
        },
      ]}
    />
  );
}

function PlaceSelect({ value, onChange }: SelectProps) {
  const t = useText(roleTexts);
  const names = useNames();
  const { data } = useList(projects);
  return (
    <Select
      label={t.place}
      searchable
      required
      value={value}
      onChange={onChange}
      data={[
        {
          group: t.projects,
          items: (data ?? []).map(({ id }) => ({ value: `project/${id}`, label: names.project(id) })),
        },
        { group: t.domains, items: names.domains.map(({ id, name }) => ({ value: `domain/${id}`, label: name })) },
        { group: t.system, items: [{ value: 'system/all', label: t.system }] },
      ]}
    />
  );
}
