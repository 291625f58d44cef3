import { StartupError } from '#common/daemon.ts';
import { CommandError } from '#common/host/run.ts';

/** Gives a step's failure as one line: what was tried, what the program or the system said, what to do. */
export async function explain<T>(what: string, step: Promise<T>, remedy = ''): Promise<T> {
  try {
    return await step;
  } catch (cause) {
    if (cause instanceof StartupError) throw cause;
    if (cause instanceof Error && cause.name === 'AbortError') throw cause;
    throw new StartupError(`Could not ${what}: ${lastLine(cause)}.${remedy && ` ${remedy}`}`, { cause });
  }
}

function lastLine(cause: unknown): string {
  const said = cause instanceof CommandError ? cause.stderr : '';
  const text = said.trim() || (cause instanceof Error ? cause.message : String(cause));
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  // apt warns a lot before it says what is wrong.
  const line = lines.find((one) => one.startsWith('E: ')) ?? lines.at(-1) ?? text;
  return line.replace(/^E: /, '').replace(/\.$/, '');
}
