import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { request } from '#api/client.ts';
import { useSignedIn } from '#api/session.ts';
import { useQuota } from '#api/usage/quotas.ts';
import { useText } from '#i18n/catalogue.ts';
import { contentsOf, type Content, type ContentKind } from './contents.ts';
import { projectTexts } from './texts.ts';

const imagesOf = async (project: string, signal: AbortSignal): Promise<number> =>
  (await request<{ images: unknown[] }>('image', `/images?owner=${project}&limit=1000`, { signal })).images.length;

/** What lives in a project: counts. */
export function useContents(project: string): {
  readonly contents: readonly Content[];
  readonly pending: boolean;
  readonly error: unknown;
} {
  const { services } = useSignedIn();
  const compute = useQuota('compute', project, services.compute !== undefined);
  const volume = useQuota('volume', project, services.volume !== undefined);
  const network = useQuota('network', project, services.network !== undefined);
  const images = useQuery({
    queryKey: ['usage', 'images', project],
    queryFn: ({ signal }) => imagesOf(project, signal),
    enabled: services.image !== undefined,
  });
  const contents = useMemo(
    () =>
      contentsOf(
        {
          ...(compute.data && { compute: compute.data }),
          ...(volume.data && { volume: volume.data }),
          ...(network.data && { network: network.data }),
        },
        images.data,
      ),
    [compute.data, volume.data, network.data, images.data],
  );
  const all = [compute, volume, network, images];
  return {
    contents,
    pending: all.some(({ isLoading }) => isLoading),
    error: all.find((one) => one.error !== null)?.error ?? null,
  };
}

/** `3 instances` */
export function useContentWords(): (content: Content) => string {
  const t = useText(projectTexts);
  return useMemo(() => {
    const words: Readonly<Record<ContentKind, (n: number) => string>> = {
      instances: t.countInstances,
      volumes: t.countVolumes,
      snapshots: t.countSnapshots,
      backups: t.countBackups,
      images: t.countImages,
      network: t.countNetworks,
      router: t.countRouters,
      floatingip: t.countFloatingIps,
    };
    return ({ kind, count }) => words[kind](count);
  }, [t]);
}
