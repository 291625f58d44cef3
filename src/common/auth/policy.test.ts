import { describe, expect, it } from 'vitest';
import { adminContext, type RequestContext } from './context.ts';
import { createEnforcer, parsePolicy } from './policy.ts';

const member: RequestContext = {
  ...adminContext('req-1'),
  isAdmin: false,
  roles: ['member'],
  userId: 'u1',
  projectId: 'p1',
};
const allows = (check: string, target: Record<string, unknown> = {}, ctx = member): boolean =>
  createEnforcer({ it: check }).allows('it', ctx, target);

describe('policy language', () => {
  it.each([
    ['', true],
    ['@', true],
    ['!', false],
    ['role:member', true],
    ['role:MEMBER', true],
    ['role:admin', false],
    ['project_id:%(project_id)s', true],
    ['tenant_id:%(project_id)s', true],
    ['user_id:%(user_id)s', false],
    ['role:admin or project_id:%(project_id)s', true],
    ['role:admin and project_id:%(project_id)s', false],
    ['not role:admin and role:member', true],
    ['role:admin or (role:member and not user_id:%(user_id)s)', true],
    ["'web':%(kind)s", true],
    ['nonsense:1', false],
    ['is_admin:False', true],
  ])('"%s" gives %s', (check, expected) => {
    expect(allows(check, { project_id: 'p1', user_id: 'u2', kind: 'web' })).toBe(expected);
  });

  it('never matches on a missing value', () => {
    expect(allows('user_id:%(user_id)s', {}, { ...member, userId: null })).toBe(false);
    expect(allows('project_id:%(project_id)s', { project_id: null }, { ...member, projectId: null })).toBe(false);
  });

  it.each(['role:admin or', '(role:admin', 'role:a role:b', 'word'])('refuses the malformed "%s"', (check) => {
    expect(() => parsePolicy(check)).toThrow();
  });
});

describe('enforcer', () => {
  it('lets rules name rules, and an operator override them', () => {
    const table = { admin_or_owner: 'role:admin or project_id:%(project_id)s', get: 'rule:admin_or_owner' };
    expect(createEnforcer(table).allows('get', member)).toBe(true);
    expect(createEnforcer(table, { admin_or_owner: 'role:admin' }).allows('get', member)).toBe(false);
  });

  it('throws for a rule that nobody declared', () => {
    expect(() => createEnforcer({}).allows('lost', member)).toThrow('No policy is declared for "lost"');
  });
});
