import { terminate } from '#common/host/process.ts';
import { parseStrict } from '../options.ts';
import { defaultStateDir, runningCloud, stateFolder } from '../state.ts';
import { stopGuests } from '../guests.ts';
import type { Command } from './command.ts';

/** `igloo down`: the control plane stops, guests and networks go on; `--guests` stops the guests too. */
export const down: Command = async (argv, { run, write }) => {
  const { values } = parseStrict(argv, {
    'state-dir': { type: 'string', default: defaultStateDir() },
    guests: { type: 'boolean', default: false },
  });
  const state = stateFolder(String(values['state-dir']));
  const cloud = runningCloud(state);
  if (cloud) {
    await terminate(cloud.process, { graceMs: 15_000 });
    write(`The control plane (pid ${cloud.process.pid}) has stopped.\n`);
  } else write(`No control plane runs from ${state.root}.\n`);
  if (values['guests'] === true) {
    const stopped = await stopGuests(state, run);
    write(`${stopped} guest${stopped === 1 ? '' : 's'} stopped.\n`);
  } else if (cloud) write('Guests go on running; ./igloo down --guests stops them too.\n');
  return 0;
};
