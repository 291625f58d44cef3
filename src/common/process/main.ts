/** What every script in `bin/` runs: `main.ts nova-api --config-file …`. */
import { existsSync } from 'node:fs';
import { StartupError, type Daemon } from '../daemon.ts';
import { runDaemon } from './run-daemon.ts';
import { serviceOf } from './service-of.ts';

/** What a service's `daemons.ts` exports. Only the daemon asked for is loaded. */
interface DaemonsModule {
  readonly daemons: Readonly<Record<string, () => Promise<Daemon>>>;
}

/** Each service says in its own `daemons.ts` which daemons it has. */
async function find(name: string): Promise<Daemon> {
  const service = serviceOf(name) || 'none';
  const table = new URL(`../../${service}/daemons.ts`, import.meta.url);
  const { daemons } = existsSync(table) ? ((await import(table.href)) as DaemonsModule) : { daemons: {} };
  const load = Object.hasOwn(daemons, name) ? daemons[name] : undefined;
  if (load) return load();
  const known = Object.keys(daemons);
  throw new StartupError(
    `There is no daemon of this name. ${known.length > 0 ? `${service} has ${known.join(', ')}.` : ''}`.trim(),
  );
}

const [name = '', ...argv] = process.argv.slice(2);
try {
  process.title = name;
  process.exit(await runDaemon(await find(name), argv, process.env));
} catch (error) {
  if (error instanceof StartupError) process.stderr.write(`igloo: ${name}: ${error.message}\n`);
  else console.error(error);
  process.exit(1);
}
