import { useCallback } from 'react';
import { useText } from '#i18n/catalogue.ts';
import type { MembershipRefusal } from './membership.ts';
import { aggregateTexts } from './texts.ts';

/** Why a host cannot enter or leave, for the reader. */
export function useRefusalWords(): (refusal: MembershipRefusal) => string {
  const t = useText(aggregateTexts);
  return useCallback(
    (refusal) => {
      switch (refusal.why) {
        case 'other-zone':
          return t.inOtherZone(refusal.zone, refusal.aggregate);
        case 'guests-in-default':
          return t.guestsInDefault(refusal.guests);
        case 'guests-in-zone':
          return t.guestsInZone(refusal.guests, refusal.zone);
      }
    },
    [t],
  );
}
