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
  /** Use and limit in one unit: `3 / 10`, `0.5 / 50 GiB` */
  readonly compact: (resource: string, limit: Limit) => string;
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
    const compact = (resource: string, { limit: most, used }: Limit): string => {
      const unit = unitOf(resource) === null ? '' : ' GiB';
      const number = (value: number): string => format.number(resource === 'ram' ? value / 1024 : value);
      return isUnlimited(most)
        ? t.compactNoLimit(`${number(used)}${unit}`)
        : t.compact(number(used), `${number(most)}${unit}`);
    };
    return {
      compact,
      title: (resource) => (resource === 'network' ? t.networks : t[resource]),
      service: (service) => t[service],
      amount,
      limit,
    };
  }, [t, format]);
}
