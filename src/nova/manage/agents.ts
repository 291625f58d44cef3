import { isoMicros } from '#common/clock.ts';
import { StartupError } from '#common/daemon.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import { deleteAgent, findAgent, insertAgent, listAgents, updateAgent } from '../agents/rows.ts';
import type { Command, Run } from './command.ts';

const key = ({ given }: Run) => ({
  os: given.required('os'),
  architecture: given.required('architecture'),
  hypervisor: given.text('hypervisor') ?? 'xen',
});
const build = ({ given }: Run) => ({
  version: given.required('version'),
  url: given.required('url'),
  md5hash: given.required('md5hash'),
});
const words = ['os', 'architecture', 'version', 'url', 'md5hash', 'hypervisor'] as const;

/** @throws StartupError when there is no such build */
async function numberOf(run: Run): Promise<number> {
  const wanted = key(run);
  const found = await findAgent((await run.db()).query, wanted);
  if (!found)
    throw new StartupError(
      `There is no agent build for ${wanted.hypervisor}, ${wanted.os} and ${wanted.architecture}.`,
    );
  return found.num;
}

export const agentCommands: readonly Command[] = [
  {
    name: 'agent list',
    arguments: ['hypervisor'],
    help: 'List builds of guest agents.',
    async run({ db, env, given }) {
      const builds = await listAgents((await db()).query, given.text('hypervisor') ?? undefined);
      const row = (...[os = '', architecture = '', version = '', hash = '']: string[]): string =>
        `${os.padEnd(10)}  ${architecture.padEnd(8)}  ${version.padStart(12)}  ${hash}`;
      for (const [hypervisor, list] of Map.groupBy(builds, (one) => one.hypervisor)) {
        env.print(`Hypervisor: ${hypervisor}`);
        env.print(row('-'.repeat(10), '-'.repeat(8), '-'.repeat(12), '-'.repeat(32)));
        for (const one of list) {
          env.print(row(one.os, one.architecture, one.version, one.md5hash));
          env.print(`    ${one.url}`);
        }
        env.print('');
      }
    },
  },
  {
    name: 'agent create',
    arguments: words,
    help: 'Register a build of a guest agent.',
    async run(run) {
      const agent = { ...key(run), ...build(run) };
      await insertAgent((await run.db()).query, agent, isoMicros(run.env.clock.now())).catch((error: unknown) => {
        if (isDuplicateKey(error))
          throw new StartupError(
            `There is an agent build for ${agent.hypervisor}, ${agent.os} and ${agent.architecture} already.`,
          );
        throw error;
      });
    },
  },
  {
    name: 'agent modify',
    arguments: words,
    help: 'Replace a build of a guest agent by a newer one.',
    async run(run) {
      await updateAgent((await run.db()).query, await numberOf(run), build(run));
    },
  },
  {
    name: 'agent delete',
    arguments: ['os', 'architecture', 'hypervisor'],
    help: 'Forget a build of a guest agent.',
    async run(run) {
      await deleteAgent((await run.db()).query, await numberOf(run));
    },
  },
];
