/** Debian's Tempest against a cloud of this machine. See `usage` in options.ts. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingPrograms } from '#common/host/privileges.ts';
import { makeCloud, cloudAt, type Cloud } from '../fixtures/cloud.ts';
import { tempestConfiguration } from './configuration.ts';
import { readList, shortId } from './lists.ts';
import { parseOptions, usage, type Options } from './options.ts';
import { report } from './report.ts';
import { resultsOf, type Result } from './results.ts';
import { runToFile } from './run-to-file.ts';

const python = '/usr/lib/python3/dist-packages';

/** @returns the exit status */
async function main(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  if (!options) {
    process.stdout.write(usage);
    return 0;
  }
  const missing = missingPrograms(['stestr', 'tempest', 'subunit2csv', 'openstack']);
  if (missing.length > 0) {
    process.stderr.write(
      `Missing: ${missing.join(', ')}. apt-get install python3-tempest tempest subunit python3-openstackclient\n`,
    );
    return 1;
  }
  const folder = options.out ?? (await mkdtemp(join(tmpdir(), 'tempest-')));
  await mkdir(folder, { recursive: true });
  const cloud = options.cloud === null ? await makeOwnCloud(options, folder) : cloudAt(options.cloud);
  let results: readonly Result[];
  try {
    if (options.cloud === null) process.stdout.write((await cloud.up()).stdout);
    results = await runTests(options, cloud, folder);
  } finally {
    if (options.cloud === null) await cloud.igloo('destroy', '--yes');
  }
  process.stdout.write(report(results));
  const failed = results.some(({ status }) => status === 'failed' || status === 'not-run');
  if (failed || options.out !== null) process.stdout.write(`Details: ${folder}\n`);
  else await rm(folder, { recursive: true });
  return failed ? 1 : 0;
}

async function makeOwnCloud({ guests, portOffset }: Options, folder: string): Promise<Cloud> {
  // Tempest uploads random bytes under the name of any format.
  const configDir = join(folder, 'config');
  await mkdir(join(configDir, 'glance'), { recursive: true });
  await writeFile(join(configDir, 'glance', 'glance-api.conf'), '[image_format]\nrequire_image_format_match = false\n');
  const fakes = guests === 'fake' ? ['--virt', 'fake', '--network', 'fake'] : [];
  return makeCloud(['--port-offset', String(portOffset), '--config-dir', configDir, ...fakes]);
}

async function runTests(options: Options, cloud: Cloud, folder: string): Promise<readonly Result[]> {
  const wanted = await readList(options);
  const at = (name: string): string => join(folder, name);
  await writeFile(
    at('tempest.conf'),
    await tempestConfiguration(cloud.stateDir, { guests: options.guests, lockPath: at('locks') }),
  );
  await writeFile(
    at('.stestr.conf'),
    // Tests of one class share what its set-up made: they stay in one process.
    `[DEFAULT]\ntest_path=${python}/tempest/test_discover\ntop_dir=${python}\ngroup_regex=([^\\.]*\\.)*\n`,
  );
  await rm(at('.stestr'), { recursive: true, force: true });
  const env = {
    TEMPEST_CONFIG_DIR: folder,
    TEMPEST_CONFIG: 'tempest.conf',
    PYTHONWARNINGS: 'ignore',
    PYTHON: '/usr/bin/python3',
  };
  const here = { cwd: folder, env };
  // The attributes in brackets depend on the configuration, and a load list must have them exactly.
  await runToFile(['stestr', 'init'], at('all-tests'), here);
  await runToFile(['stestr', 'list'], at('all-tests'), here);
  const ids = new Set(wanted.map(({ id }) => id));
  const present = (await readFile(at('all-tests'), 'utf8')).split('\n').filter((line) => ids.has(shortId(line)));
  await writeFile(at('tests'), present.map((line) => `${line}\n`).join(''));
  await runToFile(
    ['stestr', 'run', '--subunit', '--load-list', at('tests'), '--concurrency', String(options.concurrency)],
    at('results.subunit'),
    here,
  );
  await runToFile(['subunit2csv', '--no-passthrough', at('results.subunit')], at('results.csv'), here);
  await runToFile(['stestr', 'last', '--no-subunit-trace'], at('failures.txt'), here);
  return resultsOf(wanted, await readFile(at('results.csv'), 'utf8'));
}

process.exitCode = await main(process.argv.slice(2));
