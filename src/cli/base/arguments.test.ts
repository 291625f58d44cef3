import { describe, expect, it } from 'vitest';
import { parseArguments, type Argument } from './arguments.ts';
import { argumentList, usageText } from './help.ts';

const declared: readonly Argument[] = [
  { name: '--name', value: '<name>' },
  { name: '--tenant-id', aliases: ['--tenant'], value: '<tenant>' },
  { name: '--meta', value: '<key=value>', repeat: true },
  { name: '--poll' },
  { name: '--hard', aliases: ['-H'] },
  { name: '--kind', value: '{a,b}', choices: ['a', 'b'] },
  { name: '<server>' },
  { name: '<rest>', count: 'any' },
];
const parse = (...argv: string[]) => parseArguments(declared, argv).given;

describe('a command line', () => {
  it('has values after a blank or an equals sign, anywhere among the words', () => {
    const given = parse('--name=a=b', 's1', '--poll', '--tenant_id', 't1', 'x', 'y');
    expect([
      given.text('name'),
      given.text('tenant-id'),
      given.has('poll'),
      given.one('server'),
      given.all('rest'),
    ]).toEqual(['a=b', 't1', true, 's1', ['x', 'y']]);
  });

  it('knows aliases, short options and unambiguous beginnings', () => {
    const given = parse('--tenant', 't', '-H', '--na', 'n', 's');
    expect([given.text('tenant-id'), given.has('hard'), given.text('name')]).toEqual(['t', true, 'n']);
  });

  it('collects repeated options and keeps the last of others', () => {
    const given = parse('--meta', 'a=1', '--meta=b=2', '--name', 'x', '--name', 'y', 's');
    expect([given.all('meta'), given.text('name')]).toEqual([['a=1', 'b=2'], 'y']);
  });

  it('takes negative numbers as words, and everything after two dashes', () => {
    expect(parse('-1', '-1.5').all('rest')).toEqual(['-1.5']);
    expect(parse('--', '--poll').one('server')).toBe('--poll');
  });

  it.each([
    [[], 'too few arguments'],
    [['--name'], 'argument --name: expected one argument'],
    [['--name', '--poll', 's'], 'argument --name: expected one argument'],
    [['--colour', 'red', 's'], 'unrecognized arguments: --colour'],
    [['--poll=yes', 's'], "argument --poll: ignored explicit argument 'yes'"],
    [['--kind', 'c', 's'], "argument --kind: invalid choice: 'c' (choose from 'a', 'b')"],
    [['--', 's'], null],
  ])('%j: %s', (argv, words) => {
    if (words === null) expect(parse(...argv).one('server')).toBe('s');
    else expect(() => parse(...argv)).toThrow(words);
  });

  it('hands unknown options over with their values, keeping words for what is positional', () => {
    const one: readonly Argument[] = [{ name: '--shared' }, { name: 'NAME' }];
    const pass = (...argv: string[]) => parseArguments(one, argv, { passUnknown: true }).given;
    expect(pass('n', '--shared', '--router:external=True').unknown).toEqual(['--router:external=True']);
    const split = pass('--provider:network_type', 'gre', 'n', '--list', 'a', 'b');
    expect([split.one('NAME'), split.unknown]).toEqual(['n', ['--provider:network_type', 'gre', '--list', 'a', 'b']]);
  });
});

describe('usage', () => {
  it('is wrapped under the first argument', () => {
    expect(usageText('prog do', declared)).toBe(
      [
        'usage: prog do [--name <name>] [--tenant-id <tenant>] [--meta <key=value>]',
        '               [--poll] [-H] [--kind {a,b}]',
        '               <server> [<rest> [<rest> ...]]',
        '',
      ].join('\n'),
    );
  });

  it('joins options that exclude each other, and breaks help after hyphens between letters', () => {
    const options: readonly Argument[] = [
      { name: '--group', value: 'GROUP' },
      {
        name: '--no-groups',
        notWith: '--group',
        help: 'A word with a hyphen that is long enough for a-line-to-end-in-it.',
      },
      { name: '--size', value: '<size>', count: 'optional', type: 'int' },
    ];
    expect(usageText('p', options)).toBe('usage: p [--group GROUP | --no-groups] [--size [<size>]]\n');
    expect(argumentList('Arguments', options)).toBe(
      [
        '',
        'Arguments:',
        '  --group GROUP',
        '  --no-groups           A word with a hyphen that is long enough for a-line-',
        '                        to-end-in-it.',
        '  --size [<size>]',
        '',
      ].join('\n'),
    );
    expect(() => parseArguments(options, ['--group', 'a', '--no-groups'])).toThrow(
      'argument --no-groups: not allowed with argument --group',
    );
    expect(() => parseArguments(options, ['--size', 'x'])).toThrow("argument --size: invalid int value: 'x'");
    expect(parseArguments(options, ['--size']).given.has('size')).toBe(true);
    expect(parseArguments(options, ['--size', '5']).given.integer('size')).toBe(5);
  });
});
