import { StartupError } from '#common/daemon.ts';
import { CommandError, run } from '#common/host/run.ts';
import type { Command } from './commands/command.ts';

interface Entry {
  readonly help: string;
  readonly load: () => Promise<Command>;
}

/** The sub-commands; each is loaded only when it is called. */
const commands: Readonly<Record<string, Entry>> = {
  up: { help: 'set up and start the cloud', load: async () => (await import('./commands/up.ts')).up },
  down: {
    help: 'stop the control plane (--guests: the guests too)',
    load: async () => (await import('./commands/down.ts')).down,
  },
  status: { help: "every service's health", load: async () => (await import('./commands/status.ts')).status },
  env: {
    help: "an account's settings for the shell: admin or demo",
    load: async () => (await import('./commands/env.ts')).env,
  },
  logs: {
    help: 'the log: -f follows, words select lines',
    load: async () => (await import('./commands/logs.ts')).logs,
  },
  doctor: {
    help: 'what this machine can and cannot do; --leaks finds what belongs to nobody',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  destroy: {
    help: 'remove everything that Igloo made here (--yes)',
    load: async () => (await import('./commands/destroy.ts')).destroy,
  },
  image: { help: 'build or fetch guest images', load: async () => (await import('./commands/image.ts')).image },
  test: {
    help: 'install what tests need and run them all',
    load: async () => (await import('./commands/test.ts')).test,
  },
};

const usage = `Igloo: a complete OpenStack cloud in one program.

usage: igloo COMMAND [OPTIONS]

${Object.entries(commands)
  .map(([name, { help }]) => `  ${name.padEnd(8)} ${help}`)
  .join('\n')}

Options of up:
  --detach               go on in the background when all is ready
  --bind ADDRESS         where to listen (127.0.0.1)
  --port-offset N        move all ports by N, for a second cloud on the machine (0)
  --state-dir FOLDER     where everything is kept (/var/lib/igloo for root, the XDG state folder otherwise)
  --config-dir FOLDER    configuration files that win over the defaults: FOLDER/nova/nova.conf …
  --admin-password WORD  (random, kept in the state folder)
  --virt auto|libvirt|qemu|fake
  --network auto|openvswitch|fake
  --bare                 no demo projects, image and networks
  --no-install           install nothing, only report what is missing
`;

async function main([name, ...argv]: readonly string[]): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(usage);
    return name === undefined ? 2 : 0;
  }
  const entry = commands[name];
  if (!entry) throw new StartupError(`There is no command "${name}". ./igloo help lists them.`);
  if (argv.includes('--help') && name !== 'image') {
    process.stdout.write(usage);
    return 0;
  }
  const command = await entry.load();
  return command(argv, {
    run,
    write: (text) => void process.stdout.write(text),
    warn: (line) => void process.stderr.write(`igloo: ${line}\n`),
  });
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    // Known obstacles are one clear line; anything else is a fault of ours and shows where.
    const known = error instanceof StartupError || error instanceof CommandError;
    process.stderr.write(`igloo: ${known ? error.message : ((error as Error).stack ?? String(error))}\n`);
    process.exitCode = 1;
    setTimeout(() => process.exit(1), 2_000).unref();
  },
);
