import { parseArgs } from 'node:util';
import { StartupError } from '#common/daemon.ts';
import { defaultStateDir } from './state.ts';

export type VirtChoice = 'auto' | 'libvirt' | 'qemu' | 'fake';
export type NetworkChoice = 'auto' | 'openvswitch' | 'fake';

export interface UpOptions {
  readonly stateDir: string;
  readonly configDir: string | undefined;
  readonly bind: string;
  readonly portOffset: number;
  readonly detach: boolean;
  readonly adminPassword: string | undefined;
  readonly virt: VirtChoice;
  readonly network: NetworkChoice;
  readonly bare: boolean;
  readonly noInstall: boolean;
}

const oneOf = <T extends string>(name: string, value: string, values: readonly T[]): T => {
  const found = values.find((one) => one === value);
  if (found === undefined) throw new StartupError(`--${name} takes ${values.join(', ')}; not "${value}".`);
  return found;
};

/** Parses the options of `igloo up`. @throws StartupError naming the option that is wrong */
export function parseUpOptions(argv: readonly string[]): UpOptions {
  const { values } = parseStrict(argv, {
    'state-dir': { type: 'string', default: defaultStateDir() },
    'config-dir': { type: 'string' },
    bind: { type: 'string', default: '127.0.0.1' },
    'port-offset': { type: 'string', default: '0' },
    detach: { type: 'boolean', default: false },
    'admin-password': { type: 'string' },
    virt: { type: 'string', default: 'auto' },
    network: { type: 'string', default: 'auto' },
    bare: { type: 'boolean', default: false },
    'no-install': { type: 'boolean', default: false },
  });
  const offset = Number(values['port-offset']);
  if (!Number.isInteger(offset) || offset < 0 || offset > 25_000)
    throw new StartupError('--port-offset takes a whole number from 0 to 25000.');
  return {
    stateDir: String(values['state-dir']),
    configDir: values['config-dir'] as string | undefined,
    bind: String(values['bind']),
    portOffset: offset,
    detach: values['detach'] === true,
    adminPassword: values['admin-password'] as string | undefined,
    virt: oneOf('virt', String(values['virt']), ['auto', 'libvirt', 'qemu', 'fake']),
    network: oneOf('network', String(values['network']), ['auto', 'openvswitch', 'fake']),
    bare: values['bare'] === true,
    noInstall: values['no-install'] === true,
  };
}

type OptionTable = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

/** `parseArgs`, with mistakes as one clear line. */
export function parseStrict(
  argv: readonly string[],
  options: OptionTable,
): { values: Record<string, unknown>; positionals: string[] } {
  try {
    const parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
    return { values: parsed.values, positionals: parsed.positionals };
  } catch (cause) {
    throw new StartupError((cause as Error).message.split('\n')[0] ?? 'The options are wrong.', { cause });
  }
}
