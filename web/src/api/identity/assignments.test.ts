import { describe, expect, it } from 'vitest';
import { assignmentOf, grantPath } from './assignments.ts';

const domain = { id: 'default', name: 'Default' };

describe('grantPath', () => {
  const actor = { kind: 'user', id: 'u' } as const;
  it('leads to the grant in a project, a domain and the system', () => {
    expect(grantPath({ actor, target: { kind: 'project', id: 'p' }, role: 'r' })).toBe('/projects/p/users/u/roles/r');
    expect(grantPath({ actor: { kind: 'group', id: 'g' }, target: { kind: 'domain', id: 'd' }, role: 'r' })).toBe(
      '/domains/d/groups/g/roles/r',
    );
    expect(grantPath({ actor, target: { kind: 'system', id: 'all' }, role: 'r' })).toBe('/system/users/u/roles/r');
  });
  it('knows inherited ones', () => {
    expect(grantPath({ actor, target: { kind: 'domain', id: 'd' }, role: 'r', inherited: true })).toBe(
      '/OS-INHERIT/domains/d/users/u/roles/r/inherited_to_projects',
    );
  });
});

describe('assignmentOf', () => {
  it('names party, place and role', () => {
    expect(
      assignmentOf({
        role: { id: 'r', name: 'member' },
        user: { id: 'u', name: 'ada', domain },
        scope: { project: { id: 'p', name: 'demo', domain } },
      }),
    ).toEqual({
      id: '/projects/p/users/u/roles/r',
      actor: { kind: 'user', id: 'u', name: 'ada', domain: 'Default' },
      target: { kind: 'project', id: 'p', name: 'demo', domain: 'Default' },
      role: { id: 'r', name: 'member' },
      inherited: false,
    });
  });
  it('tells the system, inheritance, and what is known by its id only', () => {
    const system = assignmentOf({ role: { id: '0123456789' }, group: { id: 'g' }, scope: { system: { all: true } } });
    expect(system.target).toEqual({ kind: 'system', id: 'all', name: null, domain: null });
    expect(system.actor).toEqual({ kind: 'group', id: 'g', name: null, domain: null });
    expect(system.role.name).toBe('01234567');
    expect(
      assignmentOf({
        role: { id: 'r', name: 'member' },
        user: { id: 'u' },
        scope: { domain, 'OS-INHERIT:inherited_to': 'projects' },
      }).inherited,
    ).toBe(true);
  });
});
