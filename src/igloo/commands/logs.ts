import { createReadStream, existsSync, statSync, watchFile } from 'node:fs';
import { createInterface } from 'node:readline';
import { StartupError } from '#common/daemon.ts';
import { parseStrict } from '../options.ts';
import { defaultStateDir, stateFolder } from '../state.ts';
import type { Command } from './command.ts';

/** `igloo logs [WORD …] [-f] [-n LINES]`: the control plane's log; only lines with every word (`nova`, `ERROR`, `req-…`). */
export const logs: Command = async (argv, { write }) => {
  const { values, positionals } = parseStrict(argv, {
    'state-dir': { type: 'string', default: defaultStateDir() },
    follow: { type: 'boolean', short: 'f', default: false },
    lines: { type: 'string', short: 'n', default: '100' },
  });
  const file = stateFolder(String(values['state-dir'])).path('log', 'igloo.log');
  if (!existsSync(file)) throw new StartupError(`There is no log at ${file}: nothing was ever started from there.`);
  const wanted = (line: string): boolean => positionals.every((word) => line.includes(word));
  const keep = Number(values['lines']);
  if (!Number.isInteger(keep) || keep < 0) throw new StartupError('-n takes a number of lines.');

  const tail: string[] = [];
  let end = 0;
  const size = statSync(file).size;
  if (size > 0) {
    for await (const line of createInterface({ input: createReadStream(file, { end: size - 1 }) })) {
      if (!wanted(line)) continue;
      tail.push(line);
      if (tail.length > keep) tail.shift();
    }
    end = size;
  }
  write(tail.map((line) => `${line}\n`).join(''));
  if (values['follow'] !== true) return 0;
  await new Promise<never>(() => {
    watchFile(file, { interval: 250 }, (now) => {
      if (now.size <= end) return;
      const from = end;
      end = now.size;
      createInterface({ input: createReadStream(file, { start: from, end: now.size - 1 }) }).on('line', (line) => {
        if (wanted(line)) write(`${line}\n`);
      });
    });
  });
  return 0;
};
