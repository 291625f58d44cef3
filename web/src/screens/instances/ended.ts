import type { QueryClient } from '@tanstack/react-query';
import type { Begun } from '#api/compute/server-actions.ts';
import { servers, type Server } from '#api/compute/servers.ts';
import { ApiFault } from '#api/fault.ts';
import { operations } from '#api/usage/operations.ts';
import { textOf } from '#i18n/catalogue.ts';
import { settled } from '#ui/work.ts';
import { actionTexts } from './action-texts.ts';
import { verdictsOf } from './verdicts.ts';

/** The journal is asked after so long; less often as it goes on. */
const FIRST_MS = 400;
const SLOWEST_MS = 3000;
const LIMIT_MS = 600_000;
/** What is not in the journal by then is not written there. */
const LOOKS = 4;

/**
 * Waits for the end of what was begun on a server. The journal of operations says it, with the reason of a failure, also where
 * the server shows none: a resize that found no host leaves it as it was.
 * @throws ApiFault in the journal's words
 */
export async function ended(
  { queries, admin }: { readonly queries: QueryClient; readonly admin: boolean },
  server: Server,
  { requestId }: Begun,
): Promise<void> {
  const until = Date.now() + LIMIT_MS;
  let pause = FIRST_MS;
  for (let look = 1; requestId !== null && Date.now() < until; look++) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(SLOWEST_MS, pause * 1.4);
    // Who cannot be asked now is asked again.
    const list = await operations('compute', { resource: server.id, all: admin, limit: 20 }).catch(() => null);
    const operation = list?.find((one) => one.request_id === requestId);
    if (operation?.status === 'succeeded') return;
    if (operation?.status === 'failed') {
      const { message = '', code = 500, details = null } = operation.failure ?? {};
      const verdicts = verdictsOf(details).map(({ host, filter, reason }) => `${host}: ${filter}: ${reason}`);
      throw new ApiFault([message, ...verdicts].join('\n'), { status: code, service: 'compute', requestId });
    }
    if (list && !operation && look >= LOOKS) break;
  }
  if (Date.now() >= until) throw new Error(textOf(actionTexts).stillGoesOn);
  await settled(queries, servers, server.id, (item) =>
    item === null || !item['OS-EXT-STS:task_state'] ? 'done' : 'waiting',
  );
}
