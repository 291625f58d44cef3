import { run } from '#common/host/run.ts';
import { installed } from './programs.ts';
import type { Io } from './manage.ts';

type Tool = (argv: readonly string[], io: Io, env: Readonly<Record<string, string | undefined>>) => Promise<number>;

/** The tools that come with the services; only the one wanted is loaded. */
const tools: Readonly<Record<string, Tool>> = {
  'openstack-config': async (argv, io) => (await import('./openstack-config.ts')).openstackConfig(argv, io),
  async 'openstack-db'(argv, io, env) {
    const [{ openstackDb, serviceOf }, { serviceConfig }, { questions }] = await Promise.all([
      import('./openstack-db.ts'),
      import('./service-config.ts'),
      import('./terminal-io.ts'),
    ]);
    const config = await serviceConfig(serviceOf(argv) ?? '', env, io);
    return openstackDb(argv, { io, env, run, installed, ...questions(io), ...config });
  },
  async 'openstack-status'(argv, io, env) {
    const { openstackStatus } = await import('./openstack-status.ts');
    return openstackStatus(argv, { io, env, run, installed });
  },
  async 'openstack-service'(argv, io) {
    const { openstackService } = await import('./openstack-service.ts');
    return openstackService(argv, { io, run, installed });
  },
};

/** Runs one of the tools; undefined when it is none of them. */
export const runTool = (
  name: string,
  argv: readonly string[],
  io: Io,
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> | undefined => (Object.hasOwn(tools, name) ? tools[name]?.(argv, io, env) : undefined);
