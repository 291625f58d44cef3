import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { serverFit, type FitWish, type FlavorFit } from '#api/compute/launch.ts';
import type { Flavor } from '#api/compute/flavors.ts';
import { isNotFound } from '#api/fault.ts';
import { computeUsage, volumeUsage } from '#api/usage/limits.ts';
import { useSignedIn } from '#api/session.ts';
import type { Choices } from './choices.ts';
import { localFits, wishOf, type Usages } from './fit.ts';
import type { LaunchForm } from './form.ts';

export interface Fits {
  readonly byFlavor: ReadonlyMap<string, FlavorFit>;
  /** The answer is that of other choices. */
  readonly asking: boolean;
  /** Hosts were not asked: the cloud has no `os-server-fit`, or it does not answer. */
  readonly local: boolean;
}

export function useUsages(): Usages {
  const { services } = useSignedIn();
  const compute = useQuery({ queryKey: ['usage', 'compute'], queryFn: ({ signal }) => computeUsage(signal) });
  const volume = useQuery({
    queryKey: ['usage', 'volume'],
    queryFn: ({ signal }) => volumeUsage(signal),
    enabled: services.volume !== undefined,
  });
  return { compute: compute.data, volume: volume.data };
}

/** Asked again a moment after each choice, and whenever something in the cloud has changed. */
const PAUSE_MS = 300;

/** Which flavors fit what is chosen. */
export function useFits(
  form: LaunchForm,
  choices: Choices,
  flavors: readonly Flavor[] | undefined,
  usages: Usages,
): Fits {
  const wish = JSON.stringify(wishOf(form, choices));
  const [asked] = useDebouncedValue(wish, PAUSE_MS);
  const answer = useQuery({
    queryKey: ['usage', 'fit', asked],
    queryFn: ({ signal }) => serverFit(JSON.parse(asked) as FitWish, signal),
    enabled: flavors !== undefined,
    placeholderData: keepPreviousData,
    retry: (count, error) => !isNotFound(error) && count < 1,
  });
  const local = answer.error !== null && answer.data === undefined;
  const byFlavor = useMemo(() => {
    const fits = local ? localFits(form, choices, flavors ?? [], usages) : (answer.data ?? []);
    return new Map(fits.map((fit) => [fit.flavor_id, fit]));
  }, [local, answer.data, form, choices, flavors, usages]);
  return { byFlavor, asking: wish !== asked || answer.isPlaceholderData || answer.isPending, local };
}
