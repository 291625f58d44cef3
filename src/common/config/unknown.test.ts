import { describe, expect, it } from 'vitest';
import { int, str } from './config.ts';
import { parseIni } from './ini.ts';
import { fromObject, mergeSources } from './load.ts';
import { describeUnknown } from './unknown.ts';

const tables = [
  { DEFAULT: { my_ip: str({ default: '', help: '' }), debug: str({ default: '', help: '' }) } },
  {
    database: {
      connection: str({ default: '', help: '', deprecated: ['DEFAULT/sql_connection'] }),
      max_retries: int({ default: 1, help: '' }),
    },
  },
];
const told = (text: string): readonly string[] =>
  describeUnknown(tables, { values: parseIni(text, '/etc/nova/nova.conf') }, 'Nova');

describe('describeUnknown', () => {
  it('names file, line and what was perhaps meant', () => {
    expect(told('[DEFAULT]\nmy_ip = 1\nmy_ipp = 1\n')).toEqual([
      '/etc/nova/nova.conf:3: [DEFAULT] my_ipp is not known to any Nova daemon (did you mean "my_ip"?)',
    ]);
  });

  it('finds the option in its right section', () => {
    expect(told('[DEFAULT]\nmax_retries = 1\n')).toEqual([
      '/etc/nova/nova.conf:2: [DEFAULT] max_retries is not known to any Nova daemon (did you mean [database] max_retries?)',
    ]);
  });

  it('makes no suggestion that is far from it', () => {
    expect(told('[DEFAULT]\nverbosity = 1\n')).toEqual([
      '/etc/nova/nova.conf:2: [DEFAULT] verbosity is not known to any Nova daemon',
    ]);
  });

  it('knows every daemon’s options, old spellings, and sections in any case', () => {
    expect(told('[default]\ndebug = 1\nsql_connection = x\n[DATABASE]\nconnection = x\n')).toEqual([]);
  });

  it('leaves sections of libraries alone, and what was not written in a file', () => {
    expect(told('[oslo_concurrency]\nlock_path = /tmp\n')).toEqual([]);
    const spoken = mergeSources(fromObject({ DEFAULT: { database_connection: 'x' } }, '--database_connection'));
    expect(describeUnknown(tables, spoken, 'Nova')).toEqual([]);
  });
});
