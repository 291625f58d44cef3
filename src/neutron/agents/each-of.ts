/**
 * Does something for each id, some at a time, and goes on when one fails.
 * Gives the failures by id.
 */
export async function eachOf(
  ids: readonly string[],
  work: (id: string) => Promise<void>,
  atATime = 4,
): Promise<Map<string, unknown>> {
  const failures = new Map<string, unknown>();
  const queue = ids.values();
  const worker = async (): Promise<void> => {
    for (const id of queue) {
      try {
        await work(id);
      } catch (error) {
        failures.set(id, error);
      }
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  return failures;
}
