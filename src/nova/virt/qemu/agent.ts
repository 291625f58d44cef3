import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { randomInt } from 'node:crypto';
import { JsonSplitter } from '#common/host/json-stream.ts';
import type { Monitor } from '../monitor/monitor.ts';

export const AGENT = 'agent';
/** How long a guest's agent may take for an answer. */
const ANSWER_MS = 5_000;
/** How long for its first: a guest that is still booting answers when its agent has started. */
const FIRST_ANSWER_MS = 30_000;

interface Answer {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
}

/** Talks to the agent inside a guest. @throws Error when it does not answer */
export async function withGuestAgent<T>(folder: string, work: (agent: Monitor) => Promise<T>): Promise<T> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  // Through the folder's file descriptor: a socket's path may have 107 characters only.
  const socket = createConnection({ path: `/proc/self/fd/${handle.fd}/${AGENT}` });
  let next: ((answer: Answer) => void) | undefined;
  let fail: (error: Error) => void = () => undefined;
  const broken = new Promise<never>((_, reject) => {
    fail = reject;
    socket.once('error', reject);
  });
  broken.catch(() => undefined);
  const splitter = new JsonSplitter();
  socket.on('data', (chunk) => {
    try {
      for (const answer of splitter.push(chunk)) next?.(answer as Answer);
    } catch (error) {
      fail(error as Error);
    }
  });
  const ask = (
    command: string,
    args: object,
    fits: (answer: Answer) => boolean,
    patienceMs = ANSWER_MS,
  ): Promise<Answer> => {
    const timer = setTimeout(() => fail(new Error('the guest agent does not answer')), patienceMs);
    const answered = new Promise<Answer>((resolve) => {
      next = (answer) => {
        if (fits(answer)) resolve(answer);
      };
      socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    });
    return Promise.race([answered, broken]).finally(() => clearTimeout(timer));
  };
  try {
    // What an earlier, interrupted conversation has left unanswered comes before this number.
    const id = randomInt(2 ** 31);
    await ask('guest-sync', { id }, (answer) => answer.return === id, FIRST_ANSWER_MS);
    return await work({
      async execute<R>(command: string, args: object = {}) {
        const { error, return: value } = await ask(command, args, () => true);
        if (error) throw new Error(error.desc);
        return value as R;
      },
    });
  } finally {
    socket.destroy();
    await handle.close();
  }
}
