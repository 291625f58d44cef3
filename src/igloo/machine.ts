import { existsSync } from 'node:fs';
import { StartupError } from '#common/daemon.ts';
import { inspectHost, type HostFacts } from '#common/host/privileges.ts';
import type { Run } from '#common/host/run.ts';
import type { NetworkChoice, UpOptions, VirtChoice } from './options.ts';
import { installObstacle, installPackages, missingPackages, type DebianPackage } from './packages.ts';
import type { Progress } from './progress.ts';

/** What the cloud will work with on this machine, and why. */
export interface Machine {
  readonly facts: HostFacts;
  readonly virt: Exclude<VirtChoice, 'auto'> | 'auto';
  readonly network: Exclude<NetworkChoice, 'auto'>;
  /** What is missing for more, each with its remedy; empty when everything is real. */
  readonly shortcomings: readonly string[];
}

type Need = DebianPackage['needs'];

/**
 * Decides between real and fake drivers, installing Debian packages where that is allowed and needed.
 * @throws StartupError when something was asked for by name that this machine cannot do
 */
export async function prepareMachine(options: UpOptions, run: Run, progress: Progress): Promise<Machine> {
  let facts = await inspectHost(run);
  const shortcomings: string[] = [];
  const needs = new Set<Need>();
  if (options.virt !== 'fake') needs.add('guests').add('console');
  if (options.network !== 'fake' && facts.netAdmin) needs.add('network');
  if (options.virt !== 'fake' && !options.bare) needs.add('image');

  let missing = missingPackages(needs, existsSync);
  if (missing.length > 0) {
    const obstacle = installObstacle(options.noInstall);
    for (const one of missing) progress.say(`          ${one.name}: ${one.why}`);
    if (obstacle === null) {
      progress.step(`installing ${missing.length} Debian packages (listed above with their reasons)`);
      await installPackages(run, missing);
      missing = missingPackages(needs, existsSync);
      facts = await inspectHost(run);
    } else
      shortcomings.push(
        `Debian packages are missing and ${obstacle}: apt-get install ${missing.map((one) => one.name).join(' ')}`,
      );
  }
  const lacks = (need: Need): boolean => missing.some((one) => one.needs === need);

  const network = chooseNetwork(options.network, facts, lacks('network'), shortcomings);
  // Without a network driver a guest would have no network: it takes both or none.
  const virt = chooseVirt(options.virt, lacks('guests'), network, shortcomings);
  return { facts, virt, network, shortcomings };
}

function chooseNetwork(
  asked: NetworkChoice,
  facts: HostFacts,
  lacksPackages: boolean,
  shortcomings: string[],
): Machine['network'] {
  if (asked === 'fake') return 'fake';
  const obstacle = !facts.netAdmin
    ? 'real networks need root (or CAP_NET_ADMIN and CAP_SYS_ADMIN): run sudo ./igloo up'
    : lacksPackages
      ? 'programs of the network are missing'
      : null;
  if (obstacle === null) {
    if (!facts.bridgeFilter.usable) shortcomings.push(facts.bridgeFilter.why);
    return 'openvswitch';
  }
  if (asked === 'openvswitch') throw new StartupError(`--network openvswitch is not possible here: ${obstacle}.`);
  shortcomings.push(`networks are simulated: ${obstacle}`);
  return 'fake';
}

function chooseVirt(
  asked: VirtChoice,
  lacksPackages: boolean,
  network: Machine['network'],
  shortcomings: string[],
): Machine['virt'] {
  if (asked === 'fake') return 'fake';
  const obstacle = lacksPackages
    ? 'QEMU is missing'
    : network === 'fake'
      ? 'guests cannot be wired without a real network'
      : null;
  if (obstacle === null) return asked;
  if (asked !== 'auto') throw new StartupError(`--virt ${asked} is not possible here: ${obstacle}.`);
  shortcomings.push(`guests are simulated: ${obstacle}`);
  return 'fake';
}
