import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editIni, getIni } from './ini-edit.ts';
import { runManage, splitOptions } from './manage.ts';
import { openstackConfig } from './openstack-config.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'igloo-cli-tools-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const collect = () => {
  const printed = { out: '', err: '' };
  return {
    printed,
    out: (text: string) => void (printed.out += text),
    err: (text: string) => void (printed.err += text),
  };
};

describe('openstack-config', () => {
  it('sets, shows and removes options, keeping the rest and the mode of the file', async () => {
    const file = join(folder, 'keystone.conf');
    await writeFile(file, '[DEFAULT]\n# a comment\n#admin_token = ADMIN\nverbose=True\n\n[database]\nconnection=x\n');
    await chmod(file, 0o600);
    const io = collect();
    expect(openstackConfig(['--set', file, 'DEFAULT', 'admin_token', 'c0ffee'], io)).toBe(0);
    expect(openstackConfig(['--set', file, 'database', 'connection', 'mysql://a:b@c/d'], io)).toBe(0);
    expect(openstackConfig(['--set', file, 'keystone_authtoken', 'auth_host', 'controller'], io)).toBe(0);
    expect(await readFile(file, 'utf8')).toBe(
      '[DEFAULT]\n# a comment\n#admin_token = ADMIN\nadmin_token = c0ffee\nverbose=True\n\n[database]\nconnection = mysql://a:b@c/d\n\n[keystone_authtoken]\nauth_host = controller\n',
    );
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(io.printed).toEqual({ out: '', err: '' });
    expect(openstackConfig(['--get', file, 'database', 'connection'], io)).toBe(0);
    expect(io.printed.out).toBe('mysql://a:b@c/d\n');
    expect(openstackConfig(['--del', file, 'database', 'connection'], io)).toBe(0);
    expect(openstackConfig(['--has', file, 'database', 'connection'], io)).toBe(1);
    expect(openstackConfig(['--del', file, 'keystone_authtoken'], io)).toBe(0);
    expect(openstackConfig(['--get', file, 'keystone_authtoken'], io)).toBe(1);
    expect(io.printed.err).toBe('Section not found: keystone_authtoken\n');
  });

  it('lists sections, makes them, and with --existing changes only what is there', async () => {
    const file = join(folder, 'sections.conf');
    await writeFile(file, '[a]\nb = c\n');
    const io = collect();
    expect(openstackConfig(['--set', file, 'new'], io)).toBe(0);
    expect(openstackConfig(['--get', file], io)).toBe(0);
    expect(io.printed.out).toBe('a\nnew\n');
    expect(openstackConfig(['--set', '--existing', file, 'a', 'x', 'y'], io)).toBe(1);
    expect(openstackConfig(['--set', '--existing', file, 'a', 'b', 'y'], io)).toBe(0);
    expect(openstackConfig(['--set', file, 'a', 'empty'], io)).toBe(0);
    expect(openstackConfig(['--get', file, 'a', 'none'], io)).toBe(1);
    expect(io.printed.err).toBe('Parameter not found: x\nParameter not found: none\n');
    expect(await readFile(file, 'utf8')).toBe('[a]\nb = y\nempty = \n[new]\n');
  });

  it('makes a file that is not there, and explains itself', async () => {
    const io = collect();
    expect(openstackConfig(['--set', join(folder, 'new.conf'), 'a', 'b', 'c'], io)).toBe(0);
    expect(await readFile(join(folder, 'new.conf'), 'utf8')).toBe('[a]\nb = c\n');
    expect(openstackConfig(['--set'], io)).toBe(2);
    expect(openstackConfig(['--get', join(folder, 'none'), 'a', 'b'], io)).toBe(1);
    expect(io.printed.err).toContain('usage: openstack-config --set');
  });

  it('reads back what it sets, whatever was there before, and changes nothing else', () => {
    const word = fc.stringMatching(/^[a-z_]{1,8}$/);
    const line = fc.oneof(
      word.map((one) => `[${one}]`),
      fc.tuple(word, word).map(([a, b]) => `${a} = ${b}`),
      fc.constantFrom('', '# x', '#a = b', '  more'),
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 12 }),
        word,
        word,
        fc.stringMatching(/^[!-~]{1,10}$/),
        (lines, section, option, value) => {
          const before = lines.map((one) => `${one}\n`).join('');
          const after = editIni(before, section, option, value);
          expect(getIni(after, section, option)).toEqual([value]);
          expect(editIni(after, section, option, value)).toBe(after);
          const others = (text: string): string[] =>
            text.split('\n').filter((one) => one !== '' && !one.startsWith(`${option} =`) && !one.startsWith('  '));
          expect(others(after).filter((one) => one !== `[${section}]`)).toEqual(
            others(before).filter((one) => one !== `[${section}]`),
          );
        },
      ),
    );
  });
});

describe('*-manage', () => {
  it('keeps the options of the program apart from those of its command', () => {
    expect(
      splitOptions(['--config-file', 'a', '--config-file=b', 'bootstrap', '--bootstrap-password', 'x', '-d']),
    ).toEqual({
      options: ['--config-file', 'a', '--config-file=b', '-d'],
      rest: ['bootstrap', '--bootstrap-password', 'x'],
    });
  });

  it.each([
    ['keystone-manage', ['db_sync']],
    ['glance-manage', ['db_sync']],
    ['nova-manage', ['db', 'sync']],
    ['neutron-db-manage', ['upgrade', 'head']],
  ])('%s brings the database up to date, twice and silently', async (command, argv) => {
    const file = join(folder, `${command}.conf`);
    await writeFile(file, `[database]\nconnection = sqlite:///${folder}/${command}.sqlite\n`);
    for (const _twice of [1, 2]) {
      const io = collect();
      expect(await runManage(command, ['--config-file', file, ...argv], io, {})).toBe(0);
      expect(io.printed.out).toBe('');
      if (command !== 'neutron-db-manage') expect(io.printed.err).toBe('');
    }
  });

  it('says in one line what is wrong', async () => {
    const io = collect();
    expect(await runManage('glance-manage', ['--config-file', '/none', 'db_sync'], io, {})).toBe(1);
    expect(io.printed.err).toMatch(/^glance-manage: There is no configuration file \/none\..*\n$/);
  });
});
