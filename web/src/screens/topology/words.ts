import { useMemo } from 'react';
import type { Server } from '#api/compute/servers.ts';
import { useText } from '#i18n/catalogue.ts';
import { statusTexts } from '#ui/status-texts.ts';
import { statesOf, type Bar, type Device } from './graph.ts';
import { topologyTexts } from './texts.ts';

/** What is said of things in the picture and in the list. */
export interface Words {
  title(device: Device): string;
  /** Below the title: addresses, states of a stack. */
  detail(device: Device, floating: boolean): string;
  states(guests: readonly Server[]): string;
  barDetail(bar: Bar): string;
}

export function useWords(): Words {
  const t = useText(topologyTexts);
  const s = useText(statusTexts);
  return useMemo(() => {
    const state = (status: string): string => (s as Readonly<Record<string, string>>)[status.toUpperCase()] ?? status;
    const words: Words = {
      title: (device) => (device.kind === 'stack' ? t.instances(device.guests.length) : device.name),
      states: (guests) =>
        statesOf(guests)
          .map(([status, count]) => `${count} ${state(status)}`)
          .join(' · '),
      detail(device, floating) {
        if (device.kind === 'stack') return words.states(device.guests);
        const addresses = device.plugs.flatMap((one) => one.addresses);
        const all =
          device.kind === 'guest' && floating ? [...addresses, ...device.floating.map((ip) => `↗ ${ip}`)] : addresses;
        if (all.length > 0) return all.join(', ');
        return device.kind === 'router' && device.plugs.length > 0 ? t.noGateway : t.unconnected;
      },
      barDetail: ({ cidrs }) => cidrs.join(', ') || t.noSubnet,
    };
    return words;
  }, [t, s]);
}
