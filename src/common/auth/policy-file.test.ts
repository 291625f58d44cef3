import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readPolicyFile } from './policy-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'igloo-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));
const read = (name: string, text: string): Readonly<Record<string, string>> => {
  writeFileSync(join(folder, name), text);
  return readPolicyFile(name, folder);
};

describe("an operator's policy file", () => {
  it('may be JSON or the YAML of the samples', () => {
    const rules = { 'compute:start': 'role:operator', 'a b': '' };
    expect(read('policy.json', JSON.stringify(rules))).toEqual(rules);
    expect(read('policy.yaml', `# a comment\n"compute:start": "role:operator"\n'a b': ''  # nobody asked\n`)).toEqual(
      rules,
    );
  });

  it('may be missing', () => {
    expect(readPolicyFile('nothing.json', folder)).toEqual({});
  });

  it.each([
    ['policy.json', '{', /is no JSON/],
    ['policy.json', '{"x": "role:a or"}', /rule "x": The policy "role:a or" ends too early/],
    ['policy.yaml', 'x: role:admin', /line 1: write it as "rule": "check"/],
  ])('is refused with its place when it makes no sense: %s %s', (name, text, words) => {
    expect(() => read(name, text)).toThrow(words);
  });
});
