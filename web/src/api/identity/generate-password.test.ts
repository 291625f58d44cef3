import { describe, expect, it } from 'vitest';
import { generatePassword } from './generate-password.ts';

describe('generatePassword', () => {
  it('has 20 readable characters of every class and begins with no sign', () => {
    for (let round = 0; round < 50; round++) {
      const text = generatePassword();
      expect(text).toMatch(/^[a-zA-Z2-9][a-zA-Z2-9\-_+=.:]{19}$/);
      expect(text).toMatch(/[a-z]/);
      expect(text).toMatch(/[A-Z]/);
      expect(text).toMatch(/[2-9]/);
      expect(text).toMatch(/[-_+=.:]/);
      expect(text).not.toMatch(/[O0lI1]/);
    }
  });
  it('never gives the same twice', () => {
    expect(new Set(Array.from({ length: 100 }, () => generatePassword())).size).toBe(100);
  });
  it('takes no byte that would favour some letters', () => {
    let draws = 0;
    const text = generatePassword((bytes) => {
      draws++;
      // Every second one lies above the last whole multiple of any alphabet.
      bytes[0] = draws % 2 === 1 ? 255 : (draws * 19) % 200;
    });
    expect(draws % 40).toBe(0);
    expect(text).toHaveLength(20);
  });
});
