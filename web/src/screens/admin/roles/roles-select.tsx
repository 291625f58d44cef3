import { MultiSelect } from '@mantine/core';
import { roles } from '#api/identity/identity.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { roleTexts } from './texts.ts';

/** One or more roles, by id. */
export function RolesSelect({
  value,
  onChange,
  label,
  description,
  without,
  focus = false,
}: {
  readonly value: readonly string[];
  readonly onChange: (roles: readonly string[]) => void;
  readonly label?: string;
  readonly description?: string;
  /** Not offered. */
  readonly without?: string;
  readonly focus?: boolean;
}) {
  const t = useText(roleTexts);
  const { data } = useList(roles);
  return (
    <MultiSelect
      label={label ?? t.roles}
      {...(description !== undefined && { description })}
      {...(value.length === 0 && { placeholder: t.pickRoles })}
      searchable
      hidePickedOptions
      value={[...value]}
      onChange={onChange}
      {...(focus && { 'data-autofocus': true, openOnFocus: false })}
      data={(data ?? []).filter(({ id }) => id !== without).map(({ id, name }) => ({ value: id, label: name }))}
    />
  );
}
