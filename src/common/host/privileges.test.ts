import { describe, expect, it } from 'vitest';
import { findProgram, inspectHost, missingPrograms } from './privileges.ts';
import { run } from './run.ts';

describe('privileges', () => {
  it('finds programs, also where a user without sbin in PATH would not', () => {
    expect(findProgram('sh', '')).toMatch(/^\/(usr\/)?bin\/sh$/);
    expect(findProgram('sh', '/nowhere')).toBeDefined();
    expect(missingPrograms(['sh', 'no-such-program'])).toEqual(['no-such-program']);
  });

  it('gives a reason with every ability', async () => {
    const facts = await inspectHost(run);
    expect(facts.root).toBe(process.geteuid?.() === 0);
    for (const ability of [facts.kvm, facts.ovsKernelDatapath, facts.bridgeFilter]) expect(ability.why).not.toBe('');
  });
});
