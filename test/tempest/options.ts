import { parseArgs } from 'node:util';

/** Which tests: an official list, all API tests, or what a pattern matches. */
export type ListName = 'icehouse' | '2020.06' | 'api';

export interface Options {
  readonly list: ListName;
  /** Only tests whose id matches. */
  readonly only: RegExp | null;
  /** `fake`: a hypervisor that only remembers; `real`: guests and networks of this machine. */
  readonly guests: 'fake' | 'real';
  readonly concurrency: number;
  readonly portOffset: number;
  /** State folder of a running cloud; null: one of our own, which goes away at the end. */
  readonly cloud: string | null;
  /** Where configuration, logs and tracebacks stay; null: a temporary folder that goes when all passed. */
  readonly out: string | null;
}

export const usage = `npm run test:tempest [-- OPTIONS]

Runs Debian's Tempest (apt-get install python3-tempest) against a cloud of this machine.

  --list icehouse|2020.06|api  the official "OpenStack Powered" lists, or all of tempest.api (default: icehouse)
  --only REGEX                 of these, those whose id matches
  --guests real|fake           hypervisor and network of the cloud (default: real; for --list api: fake)
  --concurrency N              test processes (default: 2; for --list api: 6, since Tempest sleeps much)
  --port-offset N              of the cloud's ports (default: 3000)
  --cloud STATE_DIR            test this running cloud instead of one of our own
  --out DIR                    keep configuration, results and tracebacks there
`;

const oneOf = <T extends string>(name: string, value: string, values: readonly T[]): T => {
  const found = values.find((one) => one === value);
  if (found === undefined) throw new Error(`--${name} takes ${values.join(', ')}; not "${value}".`);
  return found;
};

/** @throws Error naming the option that is wrong; null when help was asked for */
export function parseOptions(argv: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      list: { type: 'string', default: 'icehouse' },
      only: { type: 'string' },
      guests: { type: 'string' },
      concurrency: { type: 'string' },
      'port-offset': { type: 'string', default: '3000' },
      cloud: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const list = oneOf('list', values.list, ['icehouse', '2020.06', 'api']);
  return {
    list,
    only: values.only === undefined ? null : new RegExp(values.only),
    guests: oneOf('guests', values.guests ?? (list === 'api' ? 'fake' : 'real'), ['real', 'fake']),
    concurrency: Number(values.concurrency ?? (list === 'api' ? 6 : 2)),
    portOffset: Number(values['port-offset']),
    cloud: values.cloud ?? null,
    out: values.out ?? null,
  };
}
