import { describe, expect, it } from 'vitest';
import { assignmentOf, type Assignment } from '../../../api/identity/assignments.ts';
import { endsOwnAdmin, grouped, rolesDiff } from './grouped.ts';

const domain = { id: 'd', name: 'Default' };
const has = (user: string, role: string, project: string, inherited = false): Assignment =>
  assignmentOf({
    role: { id: role, name: role },
    user: { id: user, name: user, domain },
    scope: {
      project: { id: project, name: project, domain },
      ...(inherited && { 'OS-INHERIT:inherited_to': 'projects' }),
    },
  });

describe('grouped', () => {
  const all = [
    has('ada', 'admin', 'p'),
    has('ada', 'member', 'p'),
    has('bob', 'member', 'p'),
    has('ada', 'member', 'q'),
  ];
  it('gathers roles by who has them, and by where', () => {
    expect(grouped(all, 'actor').map(({ id, grants }) => [id, grants.length])).toEqual([
      ['user/ada', 3],
      ['user/bob', 1],
    ]);
    expect(grouped(all, 'target').map(({ id, name, grants }) => [id, name, grants.length])).toEqual([
      ['project/p', 'p', 3],
      ['project/q', 'q', 1],
    ]);
  });
  it('keeps inherited ones apart', () => {
    expect(grouped([has('ada', 'x', 'p'), has('ada', 'x', 'p', true)], 'actor').map(({ id }) => id)).toEqual([
      'user/ada',
      'user/ada/below',
    ]);
  });
});

it('rolesDiff', () => {
  expect(rolesDiff(['a', 'b'], ['b', 'c'])).toEqual({ give: ['c'], take: ['a'] });
});

it('endsOwnAdmin is only about the role that one works with', () => {
  const me = { user: { id: 'ada' }, project: { id: 'p' } };
  expect(endsOwnAdmin([has('ada', 'admin', 'p')], me)).toBe(true);
  expect(endsOwnAdmin([has('ada', 'member', 'p'), has('ada', 'admin', 'q'), has('bob', 'admin', 'p')], me)).toBe(false);
  expect(endsOwnAdmin([has('ada', 'admin', 'p', true)], me)).toBe(false);
});
