import { describe, expect, it } from 'vitest';
import { Iptables } from './iptables.ts';
import type { Run } from './run.ts';

/** iptables-save with a given text, iptables-restore that keeps its input. */
function fake(saved: string): { run: Run; restored: string[] } {
  const restored: string[] = [];
  const run: Run = async ([program], options) => {
    if (program === 'iptables-restore') restored.push(String(options?.input));
    return { status: 0, stdout: program === 'iptables-save' ? saved : '', stderr: '' };
  };
  return { run, restored };
}
const owns = (chain: string): boolean => chain.startsWith('our-');
const foreign = '*filter\n:FORWARD DROP [0:0]\n:docker - [0:0]\n-A FORWARD -j docker\n-A docker -j ACCEPT\nCOMMIT\n';

describe('Iptables', () => {
  it('adds our chains before foreign rules and mentions nothing foreign', async () => {
    const { run, restored } = fake(foreign);
    const tables = new Iptables({ run, owns });
    expect(await tables.apply({ filter: { chains: { 'our-a': ['-j DROP'] }, jumps: { FORWARD: ['-j our-a'] } } })).toBe(
      true,
    );
    expect(restored).toEqual(['*filter\n:our-a - [0:0]\n-A our-a -j DROP\n-I FORWARD 1 -j our-a\nCOMMIT\n']);
  });

  it('does nothing when all is there', async () => {
    const { run, restored } = fake(
      '*filter\n:FORWARD ACCEPT [1:2]\n:our-a - [0:0]\n-A FORWARD -j our-a\n-A FORWARD -j x\n-A our-a -j DROP\nCOMMIT\n',
    );
    const tables = new Iptables({ run, owns });
    expect(await tables.apply({ filter: { chains: { 'our-a': ['-j DROP'] }, jumps: { FORWARD: ['-j our-a'] } } })).toBe(
      false,
    );
    expect(restored).toEqual([]);
  });

  it('replaces only the chains that differ and removes what is obsolete, after the last use', async () => {
    const { run, restored } = fake(
      '*filter\n:FORWARD ACCEPT [0:0]\n:our-a - [0:0]\n:our-b - [0:0]\n:our-old - [0:0]\n-A FORWARD -j our-old\n-A our-a -j our-old\n-A our-b -j DROP\nCOMMIT\n',
    );
    await new Iptables({ run, owns }).apply({
      filter: { chains: { 'our-a': ['-j our-b'], 'our-b': ['-j DROP'] }, jumps: { FORWARD: ['-j our-a'] } },
    });
    expect(restored[0]!.split('\n')).toEqual([
      '*filter',
      ':our-a - [0:0]',
      '-F our-old',
      '-A our-a -j our-b',
      '-D FORWARD -j our-old',
      '-I FORWARD 1 -j our-a',
      '-X our-old',
      'COMMIT',
      '',
    ]);
  });

  it('removes all of ours and nothing else', async () => {
    const { run, restored } = fake(
      `${foreign}*nat\n:PREROUTING ACCEPT [0:0]\n:our-n - [0:0]\n-A PREROUTING -g our-n\nCOMMIT\n`,
    );
    expect(await new Iptables({ run, owns }).remove()).toBe(true);
    expect(restored).toEqual(['*nat\n-F our-n\n-D PREROUTING -g our-n\n-X our-n\nCOMMIT\n']);
  });
});
