import type { QuotaResource, QuotaService } from '#api/usage/quotas.ts';
import { isUnlimited, type Limit } from '#api/usage/quota-rules.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { useMemo } from 'react';
import { quotaTexts } from './texts.ts';

/** The unit that a limit is typed in; null: pieces. */
export const unitOf = (resource: string): 'MiB' | 'GiB' | null =>
  resource === 'ram' ? 'MiB' : resource.endsWith('gigabytes') ? 'GiB' : null;

/** How resources and their amounts are said. */
export interface ResourceWords {
  readonly title: (resource: QuotaResource) => string;
  readonly service: (service: QuotaService) => string;
  /** `50 GiB`, `20` */
  readonly amount: (resource: string, value: number) => string;
  /** The same, or that there is no limit. */
  readonly limit: (resource: string, limit: number) => string;
  /** `3 of 10`, `3 used` */
  readonly use: (resource: string, limit: Limit) => string;
}

export function useResourceWords(): ResourceWords {
  const t = useText(quotaTexts);
  const format = useFormat();
  return useMemo(() => {
    const amount = (resource: string, value: number): string => {
      const unit = unitOf(resource);
      return unit === 'MiB' ? format.mib(value) : unit === 'GiB' ? format.gib(value) : format.number(value);
    };
    const limit = (resource: string, value: number): string =>
      isUnlimited(value) ? t.unlimited : amount(resource, value);
    return {
      title: (resource) => (resource === 'network' ? t.networks : t[resource]),
      service: (service) => t[service],
      amount,
      limit,
      use: (resource, one) =>
        isUnlimited(one.limit)
          ? t.usedNoLimit(amount(resource, one.used))
          : t.usedOf(amount(resource, one.used), amount(resource, one.limit)),
    };
  }, [t, format]);
}
