import type { Run } from '#common/host/run.ts';
import type { Io } from './manage.ts';

const usage = `usage: openstack-service ACTION [SERVICE]...

ACTION is list, status, or what the services understand: start, stop, restart ...
It is done to all OpenStack services that start with the machine, or to those
whose names begin with SERVICE (nova, openstack-nova, neutron ...).
`;

export interface OpenstackServiceDeps {
  readonly io: Io;
  readonly run: Run;
  readonly installed: (program: string) => boolean;
}

/** What the machine says starts with it. */
async function enabled({ run, installed }: OpenstackServiceDeps): Promise<readonly string[]> {
  if (installed('systemctl')) {
    const { stdout } = await run(
      ['systemctl', 'list-unit-files', '--type=service', '--full', '--no-legend', '--no-pager'],
      { ok: [0, 1] },
    );
    return stdout.split('\n').flatMap((line) => {
      const [unit = '', state] = line.trim().split(/\s+/);
      return state === 'enabled' ? [unit.replace(/\.service$/, '')] : [];
    });
  }
  if (!installed('chkconfig')) return [];
  const { stdout } = await run(['chkconfig', '--list'], { ok: [0, 1] });
  return stdout.split('\n').flatMap((line) => (/\b[2-5]:on\b/.test(line) ? [line.split(/\s+/)[0] as string] : []));
}

/** `openstack-service`: one action on all of the services of this machine. @returns the exit status */
export async function openstackService(argv: readonly string[], deps: OpenstackServiceDeps): Promise<number> {
  const [action, ...prefixes] = argv;
  const { io, run, installed } = deps;
  if (action === undefined || action === '--help' || action === '-h') {
    io.err(usage);
    return action === undefined ? 1 : 0;
  }
  const all = (await enabled(deps)).filter((name) => /^(openstack|neutron|quantum)/.test(name));
  const services =
    prefixes.length === 0
      ? all
      : prefixes.flatMap((prefix) =>
          all.filter((name) => name.replace(/^openstack-/, '').startsWith(prefix) || name.startsWith(prefix)),
        );
  if (action === 'list') {
    io.out(services.map((name) => `${name}\n`).join(''));
    return 0;
  }
  if (services.length === 0) {
    io.err(
      'No OpenStack service starts with this machine. In an all-in-one cloud, igloo status and igloo down are the words.\n',
    );
    return 1;
  }
  let worst = 0;
  for (const service of services) {
    const { status, stdout, stderr } = await run(
      installed('systemctl') ? wordsOfSystemd(action, service) : ['service', service, action],
      { ok: [0, 1, 2, 3, 4, 5, 6, 7], timeoutMs: 300_000 },
    );
    io.out(action === 'status' && installed('systemctl') ? statusLine(stdout) : stdout);
    io.err(stderr);
    worst = Math.max(worst, status);
  }
  return worst;
}

const wordsOfSystemd = (action: string, service: string): readonly string[] =>
  action === 'status'
    ? ['systemctl', 'show', '--property=Id,MainPID,ActiveState', `${service}.service`]
    : ['systemctl', action, `${service}.service`];

/** `nova-api (pid 12) is active` */
function statusLine(properties: string): string {
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(properties)?.[1] ?? '';
  return `${value('Id').replace(/\.service$/, '')} (pid ${value('MainPID')}) is ${value('ActiveState')}\n`;
}
