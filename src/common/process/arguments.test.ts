import { describe, expect, it } from 'vitest';
import { bool, int, str } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { fromEnvironment, parseArguments } from './arguments.ts';

const table = {
  DEFAULT: {
    debug: bool({ default: false, help: '' }),
    my_ip: str({ default: '', help: '' }),
    osapi_compute_listen_port: int({ default: 8774, help: '' }),
    log_file: str({ default: '', help: '' }),
    use_json: bool({ default: false, help: '' }),
  },
  database: { connection: str({ default: '', help: '' }) },
  keystone_authtoken: { auth_host: str({ default: '', help: '' }) },
};
const load = (...argv: string[]) => loadConfig(table, parseArguments(argv).values);

describe('parseArguments', () => {
  it('reads files, folders, the pid file and the questions', () => {
    const argv = ['--config-file', 'a', '--config-file=b', '--config-dir', 'd', '--pid-file', 'p', '--version', '-h'];
    expect(parseArguments(argv)).toEqual({
      configFiles: ['a', 'b'],
      configDirs: ['d'],
      pidFile: 'p',
      version: true,
      help: true,
      checkConfig: false,
      values: { values: [] },
    });
  });

  it('reads options of any section, spelled with - or _, their value attached or next', () => {
    const conf = load(
      ...['--my_ip', '10.0.0.1', '--osapi-compute-listen-port=8775', '--database-connection', 'sqlite:///x'],
      ...['--keystone_authtoken-auth_host', 'controller'],
    );
    expect(conf.DEFAULT).toMatchObject({ my_ip: '10.0.0.1', osapi_compute_listen_port: 8775 });
    expect(conf.database.connection).toBe('sqlite:///x');
    expect(conf.keystone_authtoken.auth_host).toBe('controller');
  });

  it('takes an option alone as true, and the switches never eat the next argument', () => {
    expect(load('--use-json', '--debug', '--log-file', 'x').DEFAULT).toMatchObject({
      use_json: true,
      debug: true,
      log_file: 'x',
    });
    expect(load('--debug', '--nodebug').DEFAULT.debug).toBe(false);
    expect(load('-d').DEFAULT.debug).toBe(true);
    expect(load('--use-json=false').DEFAULT.use_json).toBe(false);
  });

  it('takes values literally, and lets the last one win', () => {
    expect(load('--my-ip', '1', '--my_ip', 'a$b=c').DEFAULT.my_ip).toBe('a$b=c');
  });

  it.each([[['stray']], [['-x']], [['---']]])('refuses %j', (argv) => {
    expect(() => parseArguments(argv)).toThrow(/There is no argument ".*see --help/);
  });

  it('wants a value where one is needed', () => {
    expect(() => parseArguments(['--config-file'])).toThrow('--config-file needs a value.');
  });

  it('names the argument of a wrong value', () => {
    expect(() => load('--osapi-compute-listen-port', 'x')).toThrow(
      /^--osapi-compute-listen-port: .*"x" is not an integer/,
    );
  });
});

describe('fromEnvironment', () => {
  it('hears OS_SECTION__OPTION and nothing else', () => {
    const source = fromEnvironment({
      OS_DEFAULT__DEBUG: 'yes',
      OS_KEYSTONE_AUTHTOKEN__AUTH_HOST: 'h$1',
      OS_USERNAME: 'demo',
      HOME: '/',
    });
    expect(source.values.map(({ origin }) => origin)).toEqual([
      '$OS_DEFAULT__DEBUG',
      '$OS_KEYSTONE_AUTHTOKEN__AUTH_HOST',
    ]);
    const conf = loadConfig(table, source);
    expect(conf.DEFAULT.debug).toBe(true);
    expect(conf.keystone_authtoken.auth_host).toBe('h$1');
  });
});
