import { useMemo } from 'react';
import { servers } from '#api/compute/servers.ts';
import { routers, type Port } from '#api/network/networks.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { called } from './names.ts';
import { deviceOf } from './port-device.ts';
import { portTexts } from './port-texts.ts';
import { useReach } from './use-network.ts';

/** What a port is connected to, in words, and its page. */
export interface DeviceWords {
  readonly words: string;
  readonly to: string | null;
}

export function usePortDevices(): (port: Port) => DeviceWords {
  const t = useText(portTexts);
  const reach = useReach();
  const { data: guests } = useList(servers, reach);
  const { data: allRouters } = useList(routers, reach);
  return useMemo(() => {
    const names = new Map([...(guests ?? []), ...(allRouters ?? [])].map((one) => [one.id, called(one)]));
    return (port) => {
      const device = deviceOf(port, names);
      switch (device.kind) {
        case 'instance':
          return { words: t.instance(device.name), to: `/instances/${device.id}` };
        case 'router':
          return { words: t.router(device.name), to: `/routers/${device.id}` };
        case 'gateway':
          return { words: t.gatewayOf(device.name), to: `/routers/${device.id}` };
        case 'other':
          return { words: device.owner, to: null };
        default:
          return { words: t[device.kind], to: null };
      }
    };
  }, [t, guests, allRouters]);
}
