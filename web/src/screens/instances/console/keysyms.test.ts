import { describe, expect, it } from 'vitest';
import { strokeOf, strokesOf, unusual } from './keysyms.ts';
import { typeText } from './type-text.ts';

describe('keysyms', () => {
  it('of letters, digits and symbols know the key and Shift', () => {
    expect(strokeOf('a')).toEqual({ keysym: 0x61, code: 'KeyA', shift: false });
    expect(strokeOf('A')).toEqual({ keysym: 0x41, code: 'KeyA', shift: true });
    expect(strokeOf('1')).toEqual({ keysym: 0x31, code: 'Digit1', shift: false });
    expect(strokeOf('!')).toEqual({ keysym: 0x21, code: 'Digit1', shift: true });
    expect(strokeOf('|')).toEqual({ keysym: 0x7c, code: 'Backslash', shift: true });
    expect(strokeOf('/')).toEqual({ keysym: 0x2f, code: 'Slash', shift: false });
    expect(strokeOf('\t')).toEqual({ keysym: 0xff09, code: 'Tab', shift: false });
  });

  it('cover every printable character of ASCII', () => {
    for (let point = 0x20; point < 0x7f; point++) {
      const { keysym, code } = strokeOf(String.fromCodePoint(point));
      expect(keysym).toBe(point);
      expect(code, String.fromCodePoint(point)).not.toBeNull();
    }
  });

  it('of other characters are Unicode', () => {
    expect(strokeOf('é')).toEqual({ keysym: 0xe9, code: null, shift: false });
    expect(strokeOf('中')).toEqual({ keysym: 0x0100_4e2d, code: null, shift: false });
    expect(strokeOf('😀').keysym).toBe(0x0101_f600);
    expect(unusual('ls é\n中é')).toEqual(['é', '中']);
  });

  it('make one Enter of any line end, and nothing of control characters', () => {
    expect(strokesOf('a\r\nb\rc\n\u0000').map(({ code }) => code)).toEqual([
      ...['KeyA', 'Enter', 'KeyB', 'Enter', 'KeyC', 'Enter'],
    ]);
  });
});

describe('typing a text', () => {
  const typing = (text: string, stopAfter = Infinity) => {
    const sent: string[] = [];
    const end = new AbortController();
    const result = typeText(text, {
      key: (_keysym, code, down) => {
        sent.push(`${code}${down ? '+' : '-'}`);
        if (sent.length >= stopAfter) end.abort();
        return true;
      },
      wait: () => Promise.resolve(),
      progress: () => undefined,
      signal: end.signal,
    });
    return { sent, result };
  };

  it('holds Shift for capitals and releases it', async () => {
    const { sent, result } = typing('aBC!\n');
    expect(await result).toBe(5);
    expect(sent.join(' ')).toBe(
      'KeyA+ KeyA- ShiftLeft+ KeyB+ KeyB- KeyC+ KeyC- Digit1+ Digit1- ShiftLeft- Enter+ Enter-',
    );
  });

  it('leaves no key down when stopped', async () => {
    const { sent, result } = typing('ABC', 2);
    expect(await result).toBe(1);
    expect(sent).toEqual(['ShiftLeft+', 'KeyA+', 'KeyA-', 'ShiftLeft-']);
  });

  it('ends where the console is gone', async () => {
    const typed = await typeText('abc', {
      key: () => false,
      wait: () => Promise.resolve(),
      progress: () => undefined,
      signal: new AbortController().signal,
    });
    expect(typed).toBe(0);
  });
});
