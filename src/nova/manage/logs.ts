import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Run } from './command.ts';

/** Lines with ERROR of all `*.log` in `log_dir`, the newest first. */
async function errors({ env, conf }: Run): Promise<void> {
  const { log_dir: folder } = conf.DEFAULT;
  let found = 0;
  if (folder !== null && existsSync(folder))
    for (const name of readdirSync(folder)
      .filter((one) => one.endsWith('.log'))
      .sort()) {
      const path = join(folder, name);
      const lines = readFileSync(path, 'utf8').split('\n');
      const bad = lines
        .map((text, index) => ({ text: text.trim(), number: index + 1 }))
        .filter(({ text }) => / ERROR /.test(text));
      if (bad.length === 0) continue;
      found += bad.length;
      env.print(`${path}:-`);
      for (const { text, number } of bad.reverse()) env.print(`Line ${number} : ${text}`);
    }
  if (found === 0) env.print('No errors in logfiles!');
}

/** The last lines of Nova in the machine's log. */
async function syslog({ env, given }: Run): Promise<number> {
  const wanted = given.integer('num_entries', 10);
  const path = ['/var/log/syslog', '/var/log/messages'].find((one) => existsSync(one));
  if (path === undefined) {
    env.print('Unable to find system log file!');
    return 1;
  }
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((text) => text.includes('nova'));
  env.print(`Last ${wanted} nova syslog entries:-`);
  for (const text of lines.slice(-wanted).reverse()) env.print(text);
  if (lines.length === 0) env.print('No nova entries in syslog!');
  return 0;
}

export const logCommands: readonly Command[] = [
  { name: 'logs errors', arguments: [], help: 'Print the errors in the log files.', run: errors },
  { name: 'logs syslog', arguments: ['num_entries'], help: "Print Nova's last lines in the system log.", run: syslog },
];
