import { StartupError } from '#common/daemon.ts';
import { exportLines } from '../credentials.ts';
import { parseStrict } from '../options.ts';
import { portsAt } from '../ports.ts';
import { defaultStateDir, loadSecrets, readCloudRecord, stateFolder } from '../state.ts';
import type { Command } from './command.ts';

/** `igloo env [admin|demo]`: the lines that make a shell this account's: `eval "$(./igloo env demo)"`. */
export const env: Command = async (argv, { write }) => {
  const { values, positionals } = parseStrict(argv, { 'state-dir': { type: 'string', default: defaultStateDir() } });
  const account = positionals[0] ?? 'admin';
  if (account !== 'admin' && account !== 'demo')
    throw new StartupError(`igloo env takes admin or demo, not "${account}".`);
  const state = stateFolder(String(values['state-dir']));
  const cloud = readCloudRecord(state);
  if (!cloud) throw new StartupError(`Nothing was ever started from ${state.root}: run ./igloo up first.`);
  const authRoot = `http://${cloud.address}:${portsAt(cloud.portOffset).keystonePublic}`;
  write(exportLines(account, { authRoot, secrets: await loadSecrets(state) }));
  return 0;
};
