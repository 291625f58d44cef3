import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { StartupError } from '../daemon.ts';
import { authtokenOptions, databaseOptions, loggingOptions } from './common-options.ts';
import { bool, int, list, oneOf, optionalStr, str, type ConfigSource } from './config.ts';
import { parseIni } from './ini.ts';
import { fromObject, loadConfig, mergeSources, readConfigFiles, sampleConfig, unknownOptions } from './load.ts';

const ini = (text: string, file = '/etc/x.conf'): ConfigSource => ({ values: parseIni(text, file) });

describe('parseIni', () => {
  it('reads sections, both delimiters, comments, repeated keys and continuation lines', () => {
    const text = `
early = 1
# comment
[DEFAULT]
a=b=c
url: http://x:80
[My Section]
long = one,
   two,
   # not a part of it
   three
; comment
x = 1
x = 2
empty =
`;
    expect(parseIni(text, 'f').map((v) => [v.section, v.name, v.value, v.origin])).toEqual([
      ['DEFAULT', 'early', '1', 'f:2'],
      ['DEFAULT', 'a', 'b=c', 'f:5'],
      ['DEFAULT', 'url', 'http://x:80', 'f:6'],
      ['My Section', 'long', 'one,\ntwo,\nthree', 'f:8'],
      ['My Section', 'x', '1', 'f:13'],
      ['My Section', 'x', '2', 'f:14'],
      ['My Section', 'empty', '', 'f:15'],
    ]);
  });

  it.each([
    ['[DEFAULT\n', 'f:1: "[DEFAULT" is no section header'],
    ['\nnonsense\n', 'f:2: "nonsense" is neither a section nor an option'],
    ['= 3\n', 'f:1: there is no option name before "="'],
    ['[a]\n\n  x\n', 'f:3: "x" is indented'],
  ])('names file and line of %j', (text, message) => {
    expect(() => parseIni(text, 'f')).toThrow(StartupError);
    expect(() => parseIni(text, 'f')).toThrow(message);
  });
});

const table = {
  DEFAULT: {
    my_ip: str({ default: '127.0.0.1', help: 'This host.' }),
    state_path: str({ default: '/var/lib/nova', help: 'Files.' }),
    instances_path: str({ default: '$state_path/instances', help: 'Guests.' }),
    workers: int({ default: 2, help: 'How many.' }),
    flags: list({ default: [], help: 'Some.' }),
  },
  libvirt: {
    virt_type: oneOf(['kvm', 'qemu'], { default: 'kvm', help: 'Which.', deprecated: ['DEFAULT/libvirt_type'] }),
    inject: bool({ default: false, help: 'Whether.' }),
    listen: optionalStr({ default: null, help: 'Where.' }),
    password: optionalStr({ default: null, help: 'Secret.', secret: true }),
  },
} as const;

describe('loadConfig', () => {
  it('has defaults, typed values and case-insensitive sections; the last value wins', () => {
    const conf = loadConfig(table, ini('[LibVirt]\ninject = On\ninject = yes\n[default]\nworkers=4\nworkers = 8\n'));
    expect(conf).toEqual({
      DEFAULT: {
        my_ip: '127.0.0.1',
        state_path: '/var/lib/nova',
        instances_path: '/var/lib/nova/instances',
        workers: 8,
        flags: [],
      },
      libvirt: { virt_type: 'kvm', inject: true, listen: null, password: null },
    });
    expectTypeOf(conf.DEFAULT.workers).toEqualTypeOf<number>();
    expectTypeOf(conf.libvirt.virt_type).toEqualTypeOf<'kvm' | 'qemu'>();
  });

  it('accepts deprecated spellings and says so once', () => {
    const said: string[] = [];
    const conf = loadConfig(table, ini('[DEFAULT]\nlibvirt_type = qemu\nlibvirt_type = qemu\n'), (line) =>
      said.push(line),
    );
    expect(conf.libvirt.virt_type).toBe('qemu');
    expect(said).toEqual([
      '/etc/x.conf:3: [DEFAULT] libvirt_type is a deprecated spelling; write [libvirt] virt_type instead.',
    ]);
  });

  it('lets the later of two spellings win', () => {
    const old = ini('[DEFAULT]\nlibvirt_type = qemu\n');
    const current = ini('[libvirt]\nvirt_type = kvm\n');
    expect(loadConfig(table, mergeSources(old, current)).libvirt.virt_type).toBe('kvm');
    expect(loadConfig(table, mergeSources(current, old)).libvirt.virt_type).toBe('qemu');
  });

  it('substitutes $name from the same section, then DEFAULT, and ${section.name}', () => {
    const conf = loadConfig(
      table,
      ini('[DEFAULT]\nmy_ip = 10.0.0.1\nflags = a-$workers, $$x, ${libvirt.inject}\n[libvirt]\nlisten = $my_ip:1\n'),
    );
    expect(conf.libvirt.listen).toBe('10.0.0.1:1');
    expect(conf.DEFAULT.flags).toEqual(['a-2', '$x', 'false']);
  });

  it('keeps and reports a reference to nothing, silently in a secret', () => {
    const said: string[] = [];
    const conf = loadConfig(table, ini('[libvirt]\nlisten = $nowhere\npassword = pa$sword\n'), (line) =>
      said.push(line),
    );
    expect(conf.libvirt).toMatchObject({ listen: '$nowhere', password: 'pa$sword' });
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('/etc/x.conf:2: $nowhere refers to no option');
  });

  it('refuses a circle', () => {
    const circle = ini('[DEFAULT]\nmy_ip = $state_path\nstate_path = $my_ip\n');
    expect(() => loadConfig(table, circle)).toThrow(/circle/);
  });

  it('refuses a wrong type with place, option and expectation, and no secret in it', () => {
    expect(() => loadConfig(table, ini('[DEFAULT]\nworkers = many\n'))).toThrow(
      new StartupError(
        '/etc/x.conf:2: [DEFAULT] workers: "many" is not an integer. Expected: integer. Correct the value or remove the line.',
      ),
    );
  });

  it('takes values from code literally', () => {
    const conf = loadConfig(
      table,
      fromObject(
        { libvirt: { password: 'a$my_ip$$', inject: true, listen: null }, DEFAULT: { flags: ['a', 'b'] } },
        'test',
      ),
    );
    expect(conf.libvirt).toMatchObject({ password: 'a$my_ip$$', inject: true, listen: null });
    expect(conf.DEFAULT.flags).toEqual(['a', 'b']);
  });
});

describe('unknownOptions', () => {
  it('names what no option hears', () => {
    const unknown = unknownOptions(table, ini('[DEFAULT]\nmy_ip=1\nmyip=2\nlibvirt_type=qemu\n[other]\nx=1\n'));
    expect(unknown.map((u) => u.origin)).toEqual(['/etc/x.conf:3', '/etc/x.conf:6']);
  });
});

describe('readConfigFiles', () => {
  it('reads in order, skips the missing when told, and explains a missing one otherwise', () => {
    const dir = mkdtempSync(join(tmpdir(), 'igloo-config-'));
    try {
      const [dist, etc, none] = [join(dir, 'dist.conf'), join(dir, 'etc.conf'), join(dir, 'none.conf')];
      writeFileSync(dist, '[DEFAULT]\nworkers = 1\nmy_ip = 1.1.1.1\n');
      writeFileSync(etc, '[DEFAULT]\nworkers = 3\n');
      const conf = loadConfig(table, readConfigFiles([dist, none, etc], { missingOk: true }));
      expect(conf.DEFAULT).toMatchObject({ workers: 3, my_ip: '1.1.1.1' });
      expect(() => readConfigFiles([none])).toThrow(`There is no configuration file ${none}.`);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('sampleConfig', () => {
  it('documents every option and reads back as the defaults', () => {
    const sample = sampleConfig(table);
    expect(sample).toContain(
      '# Which.\n# Type: kvm|qemu\n# Deprecated spellings: [DEFAULT] libvirt_type\n#virt_type = kvm\n',
    );
    expect(parseIni(sample, 'sample')).toEqual([]);
    const uncommented = sample.replaceAll(/^#(\w+ = )/gm, '$1').replaceAll(/^.*<unset>$/gm, '');
    expect(loadConfig(table, ini(uncommented))).toEqual(loadConfig(table, { values: [] }));
  });
});

describe('the shared options', () => {
  it('hear the old spellings of the database connection', () => {
    const shared = {
      DEFAULT: loggingOptions,
      database: databaseOptions('sqlite:////x'),
      keystone_authtoken: authtokenOptions,
    };
    for (const text of ['[sql]\nconnection = mysql://a', '[DEFAULT]\nsql_connection = mysql://a']) {
      expect(loadConfig(shared, ini(text)).database.connection).toBe('mysql://a');
    }
    expect(loadConfig(shared, ini('')).keystone_authtoken).toMatchObject({ auth_port: 35357, token_cache_time: 300 });
  });
});
