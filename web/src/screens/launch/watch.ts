import type { QueryClient } from '@tanstack/react-query';
import { servers, type Server } from '#api/compute/servers.ts';
import { textOf } from '#i18n/catalogue.ts';
import { settled, work, type Verdict } from '#ui/work.ts';
import { namesInShort } from './form.ts';
import { launchTexts } from './texts.ts';

function judge(server: Server | null): Verdict {
  const t = textOf(launchTexts);
  if (!server) return { failed: t.deletedMeanwhile };
  if (server.status === 'ERROR') return { failed: server.fault?.message ?? t.endedInError };
  return server.status === 'BUILD' ? 'waiting' : 'done';
}

/** Says that they start, and how it ended. */
export async function watchLaunch(queries: QueryClient, name: string, ids: readonly string[]): Promise<void> {
  const t = textOf(launchTexts);
  const names = namesInShort(name, ids.length);
  await work({
    doing: t.starting(names),
    done: t.running(names, ids.length),
    failed: t.notRunning(names),
    async run() {
      if (ids.length > ONE_BY_ONE) return watchList(ids);
      const ends = await Promise.allSettled(ids.map((id) => settled(queries, servers, id, judge)));
      tell(
        ends.flatMap((end) => (end.status === 'rejected' ? [(end.reason as Error).message] : [])),
        ids.length,
      );
    },
  });
}

/** More than so many are watched by the list. */
const ONE_BY_ONE = 8;
const EVERY_MS = 3000;
const AT_MOST_MS = 900_000;

async function watchList(ids: readonly string[]): Promise<void> {
  const signal = AbortSignal.timeout(AT_MOST_MS);
  for (;;) {
    const list = new Map((await servers.list({ all: false }, signal)).map((server) => [server.id, server]));
    const verdicts = ids.map((id) => judge(list.get(id) ?? null));
    if (!verdicts.includes('waiting'))
      return tell(
        verdicts.flatMap((verdict) => (typeof verdict === 'object' ? [verdict.failed] : [])),
        ids.length,
      );
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

/** @throws Error with the first reason */
function tell(failures: readonly string[], all: number): void {
  const [first] = failures;
  if (first === undefined) return;
  throw new Error(all === 1 ? first : textOf(launchTexts).someNotRunning(failures.length, all, first));
}
