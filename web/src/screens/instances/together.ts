import { ApiFault } from '#api/fault.ts';

/** So many at a time: each waits for the cloud. */
const AT_ONCE = 8;

/**
 * Does something to several things.
 * @throws the error of the only one; of several, one Error that names those that failed and why
 */
export async function together<T extends { readonly name: string }>(
  items: readonly T[],
  run: (item: T) => Promise<unknown>,
): Promise<void> {
  const failures: { readonly name: string; readonly error: unknown }[] = [];
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item; item = left.shift()) {
      try {
        await run(item);
      } catch (error) {
        failures.push({ name: item.name, error });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  if (failures.length === 0) return;
  if (items.length === 1) throw failures[0]?.error;
  throw new Error(`${failures.length}/${items.length}: ${failures.map(words).join('; ')}`);
}

const words = ({ name, error }: { readonly name: string; readonly error: unknown }): string => {
  const requestId = error instanceof ApiFault && error.requestId ? ` (${error.requestId})` : '';
  return `${name}: ${error instanceof Error ? error.message : String(error)}${requestId}`;
};
