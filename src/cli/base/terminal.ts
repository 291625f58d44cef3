import { closeSync, openSync, writeSync } from 'node:fs';

/** Asks at the terminal for something that is not shown while it is typed. */
export const askSecret = (prompt: string): Promise<string | undefined> => ask(prompt, true);

/** Asks at the terminal for a line. */
export const askLine = (prompt: string): Promise<string | undefined> => ask(prompt, false);

/** @returns undefined where there is no terminal, and for an end of input */
async function ask(prompt: string, hidden: boolean): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const { ReadStream } = process.getBuiltinModule('node:tty');
  let terminal: number;
  try {
    terminal = openSync('/dev/tty', 'r+');
  } catch {
    return undefined; // a daemon's standard input can be a terminal that is not its own
  }
  const input = new ReadStream(terminal);
  if (hidden) input.setRawMode(true);
  writeSync(terminal, prompt);
  try {
    return await lineOf(input);
  } finally {
    if (hidden) {
      writeSync(terminal, '\n');
      input.setRawMode(false);
    }
    input.destroy();
    try {
      closeSync(terminal);
    } catch {
      // the stream closed it
    }
  }
}

/** What is typed until the end of the line; backspace takes a character back, Ctrl-C ends the program as ever. */
async function lineOf(input: AsyncIterable<Buffer>): Promise<string | undefined> {
  let typed = '';
  for await (const chunk of input)
    for (const character of chunk.toString('utf8')) {
      if (character === '\r' || character === '\n') return typed;
      if (character === '\u0003') process.exit(130);
      if (character === '\u0004') return typed === '' ? undefined : typed;
      if (character === '\u007f' || character === '\b') typed = [...typed].slice(0, -1).join('');
      else typed += character;
    }
  return undefined;
}
