import type { Server } from '#api/compute/servers.ts';
import { textOf } from '#i18n/catalogue.ts';
import { statusTexts } from '#ui/status-texts.ts';
import { actionTexts } from './action-texts.ts';
import { refusalOf, type Refusal, type ServerActionId } from './states.ts';

/** A refusal for the reader. */
function wordsOf(refusal: Refusal): string {
  const t = textOf(actionTexts);
  const named: Readonly<Record<string, string>> = textOf(statusTexts);
  switch (refusal.why) {
    case 'locked':
      return t.refuseLocked;
    case 'busy':
      return t.refuseBusy(named[refusal.task] ?? refusal.task);
    case 'state':
      return t.refuseState(named[refusal.status] ?? refusal.status);
    case 'never-ran':
      return t.refuseNeverRan;
    case 'volume-backed':
      return t.refuseVolumeBacked;
    case 'no-volumes':
      return t.refuseNoVolumes;
    case 'no-ports':
      return t.refuseNoPorts;
    case 'no-floating':
      return t.refuseNoFloating;
    case 'not-locked':
      return t.refuseNotLocked;
    case 'is-locked':
      return t.refuseIsLocked;
    case 'host-up':
      return t.refuseHostUp(refusal.host);
  }
}

/** Why an action cannot be done to these now; of several, which one it is. */
export function refuse(servers: readonly Server[], action: ServerActionId, overridesLock: boolean): string | null {
  for (const server of servers) {
    const refusal = refusalOf(server, action, overridesLock);
    if (!refusal) continue;
    const words = wordsOf(refusal);
    return servers.length === 1 ? words : textOf(actionTexts).refuseOf(server.name, words);
  }
  return null;
}
