import type { Item, Kind, NovaApi } from './api.ts';
import { kinds } from './api.ts';

const pollMs = 5_000;

/**
 * Prints how far a server or image is until it is done, or in error.
 * @param action what is printed: `building`
 * @param done states that end it, in lower case
 * @param progress whether percentages are printed
 */
export async function pollServer(
  api: NovaApi,
  id: string,
  action: string,
  done: readonly string[],
  { progress = true, kind = kinds.server }: { readonly progress?: boolean; readonly kind?: Kind } = {},
): Promise<void> {
  const show = (percent: number): void =>
    api.shell.out(`\rServer ${action}...${progress ? ` ${percent}% complete` : ''}`);
  for (;;) {
    const { [kind.one]: now } = await api.call<Record<string, Item>>('GET', `${kind.path}/${id}`);
    const status = String(now?.['status']).toLowerCase();
    if (done.includes(status)) {
      show(100);
      return api.shell.out('\nFinished\n');
    }
    if (status === 'error') return api.shell.out(`\nError ${action} server\n`);
    show(Number(now?.['progress'] ?? 0));
    await api.shell.sleep(pollMs);
  }
}
