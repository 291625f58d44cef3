import { existsSync, statfsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cpus, freemem, totalmem } from 'node:os';
import { inspectHost } from '#common/host/privileges.ts';
import { missingPackages } from '../packages.ts';
import { findLeaks } from '../leaks.ts';
import { parseStrict } from '../options.ts';
import { portsAt } from '../ports.ts';
import { defaultStateDir, runningCloud, stateFolder, type StateFolder } from '../state.ts';
import { describeWebApp, webAppOf, webAppRecord } from '../web-app.ts';
import type { Command, CommandDeps } from './command.ts';

/** A thing looked at: well, or what is wrong and what to do. */
interface Finding {
  readonly ok: boolean;
  readonly text: string;
}

const GIB = 1024 ** 3;

/**
 * `igloo doctor`: what this machine can and cannot do, each with its remedy. `--leaks` compares what is on the machine with
 * what the running cloud knows, and ends with status 1 when something belongs to nobody.
 */
export const doctor: Command = async (argv, deps) => {
  const { values } = parseStrict(argv, {
    'state-dir': { type: 'string', default: defaultStateDir() },
    leaks: { type: 'boolean', default: false },
  });
  const state = stateFolder(String(values['state-dir']));
  if (values['leaks'] === true) return reportLeaks(state, deps);
  const facts = await inspectHost(deps.run);
  const running = runningCloud(state);
  const findings: Finding[] = [
    { ok: facts.root, text: facts.root ? 'root' : 'not root: real guests and networks need sudo ./igloo up' },
    {
      ok: facts.kvm.usable,
      text: `hardware virtualisation: ${facts.kvm.why}${facts.kvm.usable ? '' : '; guests are emulated (slow, correct)'}`,
    },
    { ok: facts.ovsKernelDatapath.usable, text: `switch: ${facts.ovsKernelDatapath.why}` },
    { ok: facts.bridgeFilter.usable, text: `security groups: ${facts.bridgeFilter.why}` },
    {
      ok: facts.iptables !== 'missing',
      text:
        facts.iptables === 'missing' ? 'iptables is missing: apt-get install iptables' : `iptables (${facts.iptables})`,
    },
    ...missingPackages(new Set(['guests', 'network', 'image', 'console', 'volumes']), existsSync).map((one) => ({
      ok: false,
      text: `${one.name} is missing (${one.why}): apt-get install ${one.name}`,
    })),
    webApp(state),
    memory(),
    disk(existsSync(state.root) ? state.root : '/'),
    {
      ok: running !== undefined,
      text: running
        ? `a cloud runs from ${state.root}; console: http://${running.address}:${portsAt(running.portOffset).dashboard}/dashboard`
        : `no cloud runs from ${state.root}: ./igloo up`,
    },
  ];
  for (const { ok, text } of findings) deps.write(`${ok ? ' ok ' : ' -- '} ${text}\n`);
  return 0;
};

function webApp(state: StateFolder): Finding {
  const app = webAppOf(fileURLToPath(new URL('../../..', import.meta.url)), webAppRecord(state));
  const standing = describeWebApp(app);
  return { ok: app.state === 'current', text: `console: its web app is ${standing === '' ? 'built' : standing}` };
}

function memory(): Finding {
  const free = freemem() / GIB;
  return {
    ok: free >= 1,
    text: `memory: ${free.toFixed(1)} of ${(totalmem() / GIB).toFixed(1)} GiB free, ${cpus().length} processors${free < 1 ? '; less than 1 GiB is too little for guests' : ''}`,
  };
}

function disk(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const free = (bavail * bsize) / GIB;
  return {
    ok: free >= 5,
    text: `disk: ${free.toFixed(0)} GiB free at ${folder}${free < 5 ? '; images and guests want 5 or more' : ''}`,
  };
}

async function reportLeaks(state: ReturnType<typeof stateFolder>, { run, write }: CommandDeps): Promise<number> {
  const leaks = await findLeaks(state, run);
  for (const { kind, name, why } of leaks) write(`leak: ${kind} ${name}: ${why}\n`);
  write(
    leaks.length === 0
      ? 'No leaks: everything on this machine belongs to something the cloud knows.\n'
      : `${leaks.length} leaks.\n`,
  );
  return leaks.length === 0 ? 0 : 1;
}
