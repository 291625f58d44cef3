import { Progress, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { quotaKey, setQuota, type QuotaResource, type QuotaService } from '#api/usage/quotas.ts';
import { fullness, isCounted, type Limit } from '#api/usage/quota-rules.ts';
import { useText } from '#i18n/catalogue.ts';
import { LimitEditor } from './limit-editor.tsx';
import { useResourceWords } from './resource-words.ts';
import { quotaTexts } from './texts.ts';
import classes from './quotas.module.css';

const NEARLY = 0.8;
export const isNearlyFull = (limit: Limit): boolean => (fullness(limit) ?? 0) >= NEARLY;

/** A project's use and limit of one thing; pressed, the limit is changed. */
export function QuotaCell({
  service,
  resource,
  project,
  limit,
  standard,
}: {
  readonly service: QuotaService;
  readonly resource: QuotaResource;
  readonly project: { readonly id: string; readonly name: string };
  readonly limit: Limit;
  readonly standard: number | undefined;
}) {
  const t = useText(quotaTexts);
  const words = useResourceWords();
  const queries = useQueryClient();
  const counted = isCounted(resource);
  const full = counted ? fullness(limit) : null;
  const what = words.title(resource);
  return (
    <LimitEditor
      resource={resource}
      label={t.limitOf(what, project.name)}
      now={limit.limit}
      used={counted ? limit.used : null}
      standard={standard}
      save={async (next, below) => {
        await setQuota(service, project.id, { [resource]: next }, below);
        // Shown when the service says so itself.
        await queries.invalidateQueries({ queryKey: quotaKey(service, project.id) });
        void queries.invalidateQueries({ queryKey: ['usage'] });
      }}
    >
      <span className={classes['words']}>
        {counted ? words.compact(resource, limit) : words.limit(resource, limit.limit)}
        {full !== null && full >= 1 && (
          <Text span size="xs" c="dimmed">
            {' '}
            {full > 1 ? t.over : t.full}
          </Text>
        )}
      </span>
      {counted && (
        <Progress
          size={3}
          mt={2}
          value={full === null ? 0 : Math.min(100, 100 * full)}
          color={full !== null && full >= 1 ? 'red' : full !== null && full >= NEARLY ? 'orange' : 'blue'}
          aria-hidden
        />
      )}
    </LimitEditor>
  );
}
