import { useMemo } from 'react';
import { projects } from '#api/identity/identity.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import type { Column } from '#ui/resource-table.tsx';
import { uiTexts } from '#ui/texts.ts';
import { adminNetworkTexts } from './texts.ts';

/** Whose a thing is, by name. */
export function useOwnerColumn<T extends { readonly tenant_id: string }>(): Column<T> {
  const t = useText(adminNetworkTexts);
  const u = useText(uiTexts);
  const { data } = useList(projects);
  return useMemo(() => {
    const names = new Map(data?.map(({ id, name }) => [id, name]));
    return {
      id: 'project',
      title: u.project,
      // Gateways and floating IPs' own ports belong to nobody.
      value: ({ tenant_id: id }) => (id === '' ? t.unowned : (names.get(id) ?? id)),
      width: 'minmax(5rem, 1fr)',
    };
  }, [t, u, data]);
}
