import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { knownProperties } from '#api/image/metadefs.ts';
import { useSignedIn } from '#api/session.ts';
import type { Suggestions } from './pairs-editor.tsx';

/**
 * What is known of a kind's properties: by the cloud's metadata definitions, and by us.
 * @param type `OS::Glance::Image`, `OS::Nova::Flavor`
 */
export function useKnown(type: string, common: Readonly<Record<string, readonly string[]>>): Suggestions {
  const { data } = useQuery({
    queryKey: ['metadef', type],
    queryFn: ({ signal }) => knownProperties(type, signal),
    enabled: useSignedIn().services.image !== undefined,
    // Loaded by administrators once in a cloud's life.
    staleTime: Infinity,
    retry: false,
  });
  return useMemo(
    () =>
      new Map([
        ...Object.entries(common).map(([name, values]) => [name, { values, description: '' }] as const),
        ...(data ?? []).map(
          ({ name, values, description, title }) => [name, { values, description: description || title }] as const,
        ),
      ]),
    [common, data],
  );
}
