import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { projects, type Project } from '#api/identity/identity.ts';
import { quotaKey, quotaServices, readQuota, useDefaults, type QuotaService } from '#api/usage/quotas.ts';
import type { Limits } from '#api/usage/quota-rules.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';

/** A project's limits, as far as they have been read. */
export interface QuotaRow {
  readonly id: string;
  readonly project: Project;
  readonly limits: Readonly<Partial<Record<QuotaService, Limits>>>;
  readonly errors: Readonly<Partial<Record<QuotaService, unknown>>>;
}

/** A cloud with many projects is read more slowly. */
const EACH_MS = 1000;
const LEAST_MS = 30_000;

/** Every project's limits and use of the given services; rows fill as answers come. */
export function useAllQuotas(services: readonly QuotaService[]): {
  readonly data: readonly QuotaRow[] | undefined;
  readonly error: unknown;
} {
  const { data: all, error } = useList(projects);
  const there = useSignedIn().services;
  const wanted = services.filter((service) => there[service] !== undefined);
  const pairs = (all ?? []).flatMap((project) => wanted.map((service) => ({ project, service })));
  const answers = useQueries({
    queries: pairs.map(({ project, service }) => ({
      queryKey: quotaKey(service, project.id),
      queryFn: ({ signal }: { signal: AbortSignal }) => readQuota(service, project.id, signal),
      refetchInterval: Math.max(LEAST_MS, EACH_MS * pairs.length),
      staleTime: 5000,
    })),
    combine: (results) => ({ data: results.map((one) => one.data), errors: results.map((one) => one.error) }),
  });
  const data = useMemo(
    () =>
      all?.map((project): QuotaRow => {
        const limits: Partial<Record<QuotaService, Limits>> = {};
        const errors: Partial<Record<QuotaService, unknown>> = {};
        pairs.forEach((pair, at) => {
          if (pair.project !== project) return;
          const found = answers.data[at];
          if (found) limits[pair.service] = found;
          if (answers.errors[at]) errors[pair.service] = answers.errors[at];
        });
        return { id: project.id, project, limits, errors };
      }),
    [all, answers],
  );
  return { data, error };
}

/** What projects have without limits of their own, of every service there is. */
export function useAllDefaults(): Readonly<Partial<Record<QuotaService, Limits>>> {
  const { services, project } = useSignedIn();
  const compute = useDefaults('compute', project.id, services.compute !== undefined).data;
  const volume = useDefaults('volume', project.id, services.volume !== undefined).data;
  const network = useDefaults('network', project.id, services.network !== undefined).data;
  return useMemo(
    () => ({ ...(compute && { compute }), ...(volume && { volume }), ...(network && { network }) }),
    [compute, volume, network],
  );
}

/** The services of the cloud that have quotas. */
export function useQuotaServices(): readonly QuotaService[] {
  const { services } = useSignedIn();
  return quotaServices.filter((service) => services[service] !== undefined);
}
