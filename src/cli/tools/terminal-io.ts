import { askSecret as askHidden } from '../base/terminal.ts';
import type { Io } from './manage.ts';

/** Lines of standard input, one at a time; empty after its end. */
async function nextLine(): Promise<string> {
  lines ??= readLines();
  const { value } = await lines.next();
  return value ?? '';
}
let lines: AsyncGenerator<string> | undefined;

async function* readLines(): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    const parts = (rest + chunk.toString('utf8')).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') yield rest;
}

/** Questions as shell scripts ask them: at a terminal, or of what is piped in. */
export function questions({ out }: Io): {
  readonly askSecret: (prompt: string) => Promise<string>;
  readonly askLine: (prompt: string) => Promise<string>;
} {
  const askLine = (prompt: string): Promise<string> => {
    out(prompt);
    return nextLine();
  };
  return {
    askLine,
    async askSecret(prompt) {
      if (process.stdin.isTTY) return (await askHidden(prompt)) ?? '';
      const answer = await askLine(prompt);
      out('\n');
      return answer;
    },
  };
}
