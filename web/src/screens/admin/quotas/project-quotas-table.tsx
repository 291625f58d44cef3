import { SegmentedControl, Switch, Text } from '@mantine/core';
import { IconRestore } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useNames } from '#api/identity/use-names.ts';
import { resetQuota } from '#api/usage/quotas.ts';
import { fullness, isCounted } from '#api/usage/quota-rules.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import type { Action } from '#ui/action.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { wordsOf } from '#ui/error-notice.tsx';
import { ResourceTable, type Column } from '#ui/resource-table.tsx';
import { uiTexts } from '#ui/texts.ts';
import { isNearlyFull, QuotaCell } from './quota-cell.tsx';
import { unitOf, useResourceWords } from './resource-words.ts';
import { quotaTexts } from './texts.ts';
import { useAllDefaults, useAllQuotas, useQuotaServices, type QuotaRow } from './use-all-quotas.ts';
import { columnsOf, quotaViews, servicesOf, type QuotaView } from './views.ts';

const sort = { column: 'name', down: false };

/** All projects, with what they use of what they may; each limit is changed where it stands. */
export function ProjectQuotasTable() {
  const t = useText(quotaTexts);
  const ui = useText(uiTexts);
  const format = useFormat();
  const names = useNames();
  const words = useResourceWords();
  const open = useDialog();
  const queries = useQueryClient();
  const there = useQuotaServices();
  const [view, setView] = useState<QuotaView>('main');
  const [nearly, setNearly] = useState(false);
  const shown = useMemo(() => columnsOf(view, there), [view, there.join(' ')]);
  const { data, error } = useAllQuotas(servicesOf(shown));
  const defaults = useAllDefaults();
  const rows = useMemo(
    () =>
      nearly
        ? data?.filter(({ limits }) =>
            shown.some(({ service, resource }) => {
              const one = limits[service]?.[resource];
              return one !== undefined && isCounted(resource) && isNearlyFull(one);
            }),
          )
        : data,
    [data, nearly, shown],
  );
  const columns = useMemo<readonly Column<QuotaRow>[]>(
    () => [
      { id: 'name', title: ui.project, value: ({ id }) => names.project(id), width: 'minmax(6rem, 1.2fr)' },
      ...shown.map(({ service, resource }): Column<QuotaRow> => ({
        id: resource,
        title: words.title(resource),
        // By how full it is; what has no limit by how much is used, after those.
        value: ({ limits }) => {
          const one = limits[service]?.[resource];
          if (one === undefined) return null;
          return isCounted(resource) ? (fullness(one) ?? -1 / (1 + one.used)) : one.limit;
        },
        cell: ({ project, limits, errors }) => {
          const one = limits[service]?.[resource];
          if (one)
            return (
              <QuotaCell
                service={service}
                resource={resource}
                project={{ id: project.id, name: names.project(project.id) }}
                limit={one}
                standard={defaults[service]?.[resource]?.limit}
              />
            );
          return errors[service] == null ? (
            '…'
          ) : (
            <Text span size="sm" title={wordsOf(errors[service])}>
              {t.notRead}
            </Text>
          );
        },
        width: unitOf(resource) === null ? 'minmax(6rem, 1fr)' : 'minmax(7rem, 1.2fr)',
      })),
    ],
    [t, ui, names, words, shown, defaults],
  );
  const actions = useMemo<readonly Action<QuotaRow>[]>(
    () => [
      {
        id: 'reset',
        label: t.reset,
        icon: IconRestore,
        many: true,
        run: (items) =>
          open((close) => (
            <ConfirmDialog
              title={t.resetTitle(items.length)}
              items={items}
              nameOf={({ id }) => names.project(id)}
              consequence={t.resetText(format.list(there.map(words.service)))}
              verb={t.reset}
              run={async ({ id }) => {
                for (const service of there) await resetQuota(service, id);
              }}
              close={close}
              after={() => void queries.invalidateQueries({ queryKey: ['quota'] })}
            />
          )),
      },
    ],
    [t, open, names, format, words, queries, there.join(' ')],
  );
  return (
    <ResourceTable
      label={t.title}
      query={{ data: rows, error }}
      columns={columns}
      actions={actions}
      nameOf={({ id }) => names.project(id)}
      linkOf={({ id }) => `/admin/projects/${id}?tab=quotas`}
      initialSort={sort}
      tools={
        <>
          <SegmentedControl
            aria-label={t.view}
            value={view}
            onChange={(value) => setView(value)}
            data={quotaViews
              .filter((one) => one === 'main' || there.includes(one))
              .map((value) => ({ value, label: t[value] }))}
          />
          <Switch label={t.nearlyFull} checked={nearly} onChange={(event) => setNearly(event.currentTarget.checked)} />
        </>
      }
    />
  );
}
