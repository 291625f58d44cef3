import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import type { Typed } from './host.ts';

/**
 * One bash that lives as long as its host, as the manual's reader has one: what a line exports or where it changes to is
 * there for the next. Output goes to files, so that a daemon that keeps them open holds nobody up.
 */
export interface ShellSession {
  type(line: string, input: string, timeoutMs: number): Promise<Typed>;
  close(): void;
}

export interface ShellPlace {
  /** Enters the host; a program follows. */
  readonly enter: readonly string[];
  /** A folder of the host, as the host sees it and as this process does. */
  readonly folder: string;
  readonly folderFromHere: string;
  /** Ends what this shell waits for, of the host's processes. */
  readonly interrupt: (shellPid: number) => Promise<void>;
  readonly env: Readonly<Record<string, string>>;
}

export async function openSession({
  enter,
  folder,
  folderFromHere,
  interrupt,
  env,
}: ShellPlace): Promise<ShellSession> {
  const [program = '', ...args] = [...enter, 'bash', '--norc', '--noprofile'];
  const shell = spawn(program, args, { env, stdio: ['pipe', 'ignore', 'ignore', 'pipe'] });
  const keyboard = shell.stdin as Writable;
  const statuses = createInterface({ input: shell.stdio[3] as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  keyboard.on('error', () => undefined); // it is over: the next answer says so
  const answer = async (): Promise<string> => {
    const { done, value } = await statuses.next();
    if (done === true) throw new Error('The shell of the host ended');
    return value;
  };
  const file = (name: string): string => `${folderFromHere}/${name}`;
  keyboard.write('cd; echo $$ >&3\n');
  const pid = Number(await answer());
  return {
    async type(line, input, timeoutMs) {
      await writeFile(file('line'), line);
      await writeFile(file('in'), input);
      const late = setTimeout(() => void interrupt(pid), timeoutMs);
      keyboard.write(`eval "$(cat ${folder}/line)" <${folder}/in >${folder}/out 2>${folder}/err 3>&-; echo $? >&3\n`);
      const status = Number(await answer());
      clearTimeout(late);
      const [stdout, stderr] = [await readFile(file('out'), 'utf8'), await readFile(file('err'), 'utf8')];
      return { status, stdout, stderr };
    },
    close: () => void shell.kill('SIGKILL'),
  };
}
