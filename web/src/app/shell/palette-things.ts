import { IconDatabase, IconNetwork, IconPhoto, IconRocket, IconServer2 } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { servers } from '#api/compute/servers.ts';
import { images } from '#api/image/images.ts';
import { networks } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { volumes } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { appTexts } from '../texts.ts';
import type { PaletteEntry } from './palette.tsx';

/** What the palette finds besides screens: the project's things by name, and what one often does. */
export function usePaletteThings(): readonly PaletteEntry[] {
  const t = useText(appTexts);
  const navigate = useNavigate();
  const { data: someServers } = useList(servers);
  const { data: someVolumes } = useList(volumes);
  const { data: someNetworks } = useList(networks);
  const { data: someImages } = useList(images);
  return useMemo(() => {
    const go = (to: string) => (): void => void navigate({ to });
    const things = (
      group: string,
      icon: PaletteEntry['icon'],
      path: string,
      items: readonly { readonly id: string; readonly name: string | null }[] | undefined,
    ): PaletteEntry[] =>
      (items ?? []).map(({ id, name }) => ({
        id: `${path}/${id}`,
        label: name || id,
        group,
        icon,
        run: go(`${path}/${id}`),
      }));
    return [
      { id: 'launch', label: t.launch, group: t.instances, icon: IconRocket, run: go('/launch') },
      ...things(t.instances, IconServer2, '/instances', someServers),
      ...things(t.volumes, IconDatabase, '/volumes', someVolumes),
      ...things(t.networks, IconNetwork, '/networks', someNetworks),
      ...things(t.images, IconPhoto, '/images', someImages),
    ];
  }, [t, navigate, someServers, someVolumes, someNetworks, someImages]);
}
