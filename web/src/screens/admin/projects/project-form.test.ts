import { describe, expect, it } from 'vitest';
import { emptyProject, newLimits, newProject, partyOf } from './project-form.ts';

describe('newProject', () => {
  it('sends only what was said', () => {
    expect(newProject({ ...emptyProject, name: ' web ' })).toEqual({ name: 'web', enabled: true });
    expect(
      newProject({ ...emptyProject, name: 'web', description: 'd', domain: 'x', parent: 'p', enabled: false }),
    ).toEqual({ name: 'web', description: 'd', domain_id: 'x', parent_id: 'p', enabled: false });
  });
});

it('partyOf', () => {
  expect(partyOf('group/g1')).toEqual({ kind: 'group', id: 'g1' });
});

describe('newLimits', () => {
  const columns = [
    { service: 'compute', resource: 'cores' },
    { service: 'compute', resource: 'ram' },
    { service: 'network', resource: 'floatingip' },
  ] as const;
  it('gathers by service, and leaves the defaults what they are', () => {
    expect(
      newLimits(
        {
          cores: { text: '8', unlimited: false },
          ram: { text: ' ', unlimited: false },
          floatingip: { text: '', unlimited: true },
        },
        columns,
      ),
    ).toEqual({ compute: { cores: 8 }, network: { floatingip: -1 } });
    expect(newLimits({}, columns)).toEqual({});
  });
  it('refuses what is no limit', () => {
    expect(newLimits({ cores: { text: 'many', unlimited: false } }, columns)).toBeNull();
  });
});
