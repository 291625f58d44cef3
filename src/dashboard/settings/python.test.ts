import { describe, expect, it } from 'vitest';
import type { PythonValue } from './python-expression.ts';
import { readPython } from './python.ts';

const file = '/etc/x';
const value = (source: string, name = 'A'): PythonValue | undefined => readPython(source, file).names.get(name)?.value;
const why = (source: string, name = 'A'): string | undefined => readPython(source, file).names.get(name)?.why;

describe('readPython', () => {
  it.each<[string, PythonValue]>([
    [`A = "controller"`, 'controller'],
    [`A = 'it\\'s \\x41\\u00e9\\n\\q'`, "it's Aé\n\\q"],
    [`A = r'\\d+' u'x' b'y'`, '\\d+xy'],
    [`A = """two\nlines"""`, 'two\nlines'],
    ['A = 12', 12],
    ['A = -1.5e2', -150],
    ['A = 0x10 + 0o7 + 1_000', 1023],
    ['A = 60 * 60 // 7 % 5', 4],
    ['A = True', true],
    ['A = None # no', null],
    ['A = []', []],
    ["A = ['a', 'b',]", ['a', 'b']],
    ["A = ('a',)", ['a']],
    ["A = ('a')", 'a'],
    ["A = ('a'\n  'b' # more\n  'c')", 'abc'],
    ["A = 'a', 'b'", ['a', 'b']],
    ["A = 'a' + \\\n  'b'", 'ab'],
    ["A = ['a'] + ['b']", ['a', 'b']],
    ["H = 'h'\nA = 'http://%s:5000/v2.0' % H", 'http://h:5000/v2.0'],
    ["A = '%s:%d 100%%' % ('h', 5)", 'h:5 100%'],
    ["A = '%(h)s' % {'h': 'x'}", 'x'],
    ["A = ['a']\nA += ['b']", ['a', 'b']],
    ['A: int = 3', 3],
    ['X = 1; A = 2', 2],
    ['A = 1\nA = 2', 2],
    ['A = {"x": {"y": 1}}\nA["x"]["y"] = 2', new Map([['x', new Map([['y', 2]])]])],
    ["\uFEFFA = 'x'\r\nB = 1\r\n", 'x'],
  ])('%s', (source, expected) => expect(value(source)).toEqual(expected));

  it('reads dictionaries over several lines', () => {
    const caches = value(`A = {\n  'default': { # one\n    'BACKEND': 'x',\n    'LOCATION': ['a', 'b'],\n  },\n}\n`);
    expect(caches).toEqual(
      new Map([
        [
          'default',
          new Map<string, PythonValue>([
            ['BACKEND', 'x'],
            ['LOCATION', ['a', 'b']],
          ]),
        ],
      ]),
    );
  });

  it.each([
    ["A = os.environ['X']", 'asks an object for something'],
    ["A = _('Default')", 'calls a function'],
    ["A = f'{x}'", 'holds an f-string'],
    ["A = 'x' f'{x}'", 'holds an f-string'],
    ['A = B', 'needs B, which this file does not plainly set'],
    ["A = 'a' if True else 'b'", 'depends on a condition'],
    ["A = '%s' % (1, 2)", 'has more values than %s takes'],
    ["A = '%s %s' % 'x'", 'has a % without a value: %s %s'],
    ["A = 'x'.upper()", 'asks an object for something'],
    ['A = 1 / 0', 'divides by zero'],
    ["A = 'x' + 1", 'uses + in a way that is not understood'],
    ['A = {1, 2}', 'is not understood from "," on'],
    ['A = ', 'has no value'],
    ["A = 1\nA['x'] = 2", 'is changed in a way that is not understood'],
  ])('does not guess: %s', (source, reason) => {
    expect(value(source)).toBeUndefined();
    expect(why(source)).toBe(reason);
  });

  it('passes over what would have to be run, and says so', () => {
    const source = `"""About."""
import os
from django.utils.translation import ugettext_lazy as _

if DEBUG:
    A = 1
elif X:
    A = 2
else:
    A = 3

@decorated
def f(a, b=[1,
  2]):
    return {}
A = 4
print("x")
`;
    const { names, notes } = readPython(source, file);
    expect(names.get('A')).toEqual({ value: 4, why: '', line: 16 });
    expect(notes).toEqual([
      '/etc/x:2: "import …" is passed over: nothing is run.',
      '/etc/x:3: "from …" is passed over: nothing is run.',
      '/etc/x:5: "if …" is passed over with its 5 lines: nothing in this file is run.',
      '/etc/x:12: "@ …" is passed over: nothing in this file is run.',
      '/etc/x:13: "def …" is passed over with its 1 line: nothing in this file is run.',
      '/etc/x:17: "print …" is passed over: nothing is run.',
    ]);
  });

  it.each([
    ["A = 'x\nB = 1", "/etc/x:1: the text that begins with ' does not end. Close it with '."],
    ['\nA = """x', '/etc/x:2: the text that begins with """ does not end. Close it with """.'],
    ['A = 1\nB = [1,\n2', '/etc/x:2: this "[" is not closed: "]" is missing.'],
    ['A = (1]', '/etc/x:1: "]" closes the "(" of line 1.'],
    ['A = 1)', '/etc/x:1: ")" closes nothing.'],
    ['A = $x', '/etc/x:1: "$" is not Python. Remove it.'],
  ])('refuses what is no Python: %s', (source, message) => expect(() => readPython(source, file)).toThrow(message));
});
