import { useMemo } from 'react';
import type { Server } from '#api/compute/servers.ts';
import { useText } from '#i18n/catalogue.ts';
import { statusTexts } from '#ui/status-texts.ts';
import { called } from '../networks/names.ts';
import { statesOf, type Bar, type Device } from './graph.ts';
import { topologyTexts } from './texts.ts';

/** What is said of things in the picture and, to screen readers, instead of it. */
export interface Words {
  title(device: Device): string;
  /** Below the title: addresses, states of a stack. */
  detail(device: Device, floating: boolean): string;
  states(guests: readonly Server[]): string;
  barDetail(bar: Bar): string;
  /** All in a sentence. @param names of networks by id */
  spoken(thing: Bar | Device, names: ReadonlyMap<string, string>): string;
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
      spoken(thing, names) {
        if ('network' in thing) return [t.network, called(thing.network), words.barDetail(thing)].join(', ');
        const on = thing.plugs.map(({ network }) => names.get(network) ?? '').join(', ');
        const kind = { router: t.router, guest: t.instance, stack: '' }[thing.kind];
        const status =
          thing.kind === 'router'
            ? state(thing.router.status)
            : thing.kind === 'guest'
              ? state(thing.guest.status)
              : '';
        return [kind, words.title(thing), status, words.detail(thing, true), on && t.on(on)].filter(Boolean).join(', ');
      },
    };
    return words;
  }, [t, s]);
}
