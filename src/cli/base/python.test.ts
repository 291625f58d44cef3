import { describe, expect, it } from 'vitest';
import { pyCompare, pyPretty, pyRepr, pyStr } from './python.ts';

describe('Python’s ways of writing', () => {
  it.each([
    [{ b: 1, a: 'x', n: null, t: true }, "{u'a': u'x', u'b': 1, u'n': None, u't': True}"],
    [["it's", 'say "x"', `both ' and "`], `[u"it's", u'say "x"', u'both \\' and "']`],
    [['é', '中', 'a\nb\\'], "[u'\\xe9', u'\\u4e2d', u'a\\nb\\\\']"],
    [[], '[]'],
  ])('repr of %j', (value, text) => expect(pyRepr(value)).toBe(text));

  it('has no quotes around a text alone', () => {
    expect([pyStr('a'), pyStr(null), pyStr(false), pyStr(1.5)]).toEqual(['a', 'None', 'False', '1.5']);
  });

  it('breaks what does not fit a line', () => {
    const event = {
      event: 'compute__do_build_and_run_instance',
      result: 'Success',
      finish_time: '2014-10-19T06:51:09',
    };
    expect(pyPretty([event])).toBe(
      [
        "[{u'event': u'compute__do_build_and_run_instance',",
        "  u'finish_time': u'2014-10-19T06:51:09',",
        "  u'result': u'Success'}]",
      ].join('\n'),
    );
    expect(pyPretty([1, 2])).toBe('[1, 2]');
  });

  it('orders None before numbers before texts', () => {
    expect(['b', 2, null, 'B', 10, true].toSorted(pyCompare)).toEqual([null, true, 2, 10, 'B', 'b']);
  });
});
