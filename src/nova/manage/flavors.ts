import { randomUUID } from 'node:crypto';
import { isoMicros } from '#common/clock.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import { changeExtraSpecs, deleteFlavor, insertFlavor, loadFlavors, type Flavor } from '../flavors/rows.ts';
import { pythonRepr } from '#common/api/validation.ts';
import type { Command, Run } from './command.ts';

const show = (flavor: Flavor): string =>
  `${flavor.name}: Memory: ${flavor.memoryMb}MB, VCPUS: ${flavor.vcpus}, Root: ${flavor.rootGb}GB, ` +
  `Ephemeral: ${flavor.ephemeralGb}Gb, FlavorID: ${flavor.id}, Swap: ${flavor.swapMb}MB, ` +
  `RXTX Factor: ${flavor.rxtxFactor.toFixed(1)}, ${flavor.isPublic ? 'public' : 'private'}, ` +
  `ExtraSpecs ${pythonRepr(flavor.extraSpecs)}`;

async function named({ db, given }: Run): Promise<Flavor | null> {
  const { flavors } = await loadFlavors((await db()).query);
  return flavors.find((flavor) => flavor.name === given.required('name')) ?? null;
}

async function list({ db, env, given }: Run): Promise<number> {
  const { flavors } = await loadFlavors((await db()).query);
  const name = given.text('name');
  const shown = flavors.filter((flavor) => name === null || flavor.name === name);
  if (name !== null && shown.length === 0) {
    env.print(`Flavor with name ${name} could not be found.`);
    return 1;
  }
  for (const flavor of shown) env.print(show(flavor));
  return 0;
}

async function create({ db: open, env, given }: Run): Promise<number> {
  const db = await open();
  const name = given.required('name');
  const sizes = {
    memoryMb: given.integer('memory', 0),
    vcpus: given.integer('cpu', 0),
    rootGb: given.integer('root_gb', -1),
    ephemeralGb: given.integer('ephemeral_gb', 0),
    swapMb: given.integer('swap', 0),
  };
  const rxtxFactor = Number(given.text('rxtx_factor') ?? 1);
  if (
    sizes.memoryMb < 1 ||
    sizes.vcpus < 1 ||
    Math.min(sizes.rootGb, sizes.ephemeralGb, sizes.swapMb) < 0 ||
    !(rxtxFactor > 0)
  ) {
    env.print('Must supply valid parameters to create flavor');
    return 1;
  }
  try {
    await db.transaction((trx) =>
      insertFlavor(trx, {
        ...sizes,
        id: given.text('flavor') ?? randomUUID(),
        name,
        rxtxFactor,
        isPublic: !/^(false|0|no|n|f)$/i.test(given.text('is_public') ?? 'true'),
        description: null,
        createdAt: isoMicros(env.clock.now()),
      }),
    );
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    env.print('Flavor exists.');
    env.print('Please ensure flavor name and flavorid are unique.');
    env.print('Currently defined flavor names and flavorids:');
    env.print('');
    for (const flavor of (await loadFlavors(db.query)).flavors) env.print(show(flavor));
    return 2;
  }
  env.print(`${name} created`);
  return 0;
}

const withFlavor =
  (work: (run: Run, flavor: Flavor) => Promise<string>): Command['run'] =>
  async (run) => {
    const flavor = await named(run);
    if (!flavor) {
      run.env.print('Valid flavor name is required');
      return 1;
    }
    run.env.print(await work(run, flavor));
    return 0;
  };

const changeSpecs = async (
  { db: open }: Run,
  { num }: Flavor,
  change: (specs: Readonly<Record<string, string>>) => Record<string, string>,
): Promise<void> => {
  const db = await open();
  await db.transaction((trx) => changeExtraSpecs(trx, num, change));
};

export const flavorCommands: readonly Command[] = [
  { name: 'flavor list', arguments: ['name'], help: 'List flavors.', run: list },
  {
    name: 'flavor create',
    arguments: ['name', 'memory', 'cpu', 'root_gb', 'ephemeral_gb', 'flavor', 'swap', 'rxtx_factor', 'is_public'],
    help: 'Make a flavor.',
    run: create,
  },
  {
    name: 'flavor delete',
    arguments: ['name'],
    help: 'Delete a flavor.',
    run: withFlavor(async ({ db }, flavor) => {
      await (await db()).transaction((trx) => deleteFlavor(trx, flavor.num));
      return `${flavor.name} deleted`;
    }),
  },
  {
    name: 'flavor set_key',
    arguments: ['name', 'key', 'value'],
    help: 'Set an extra spec.',
    run: withFlavor(async (run, flavor) => {
      const [key, value] = [run.given.required('key'), run.given.required('value')];
      await changeSpecs(run, flavor, (specs) => ({ ...specs, [key]: value }));
      return `Key ${key} set to ${value} on instance type ${flavor.name}`;
    }),
  },
  {
    name: 'flavor unset_key',
    arguments: ['name', 'key'],
    help: 'Remove an extra spec.',
    run: withFlavor(async (run, flavor) => {
      const key = run.given.required('key');
      await changeSpecs(run, flavor, (specs) =>
        Object.fromEntries(Object.entries(specs).filter(([name]) => name !== key)),
      );
      return `Key ${key} deleted from instance type ${flavor.name}`;
    }),
  },
];
