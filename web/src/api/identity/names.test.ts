import { describe, expect, it } from 'vitest';
import { makeNames } from './names.ts';

const domains = [
  { id: 'd1', name: 'Default' },
  { id: 'd2', name: 'acme' },
];

describe('makeNames', () => {
  const nameOf = makeNames(
    [
      { id: '1', name: 'web', domain_id: 'd1' },
      { id: '2', name: 'web', domain_id: 'd2' },
      { id: '3', name: 'db', domain_id: 'd2' },
    ],
    domains,
  );
  it('adds the domain only where two have the same name', () => {
    expect(['1', '2', '3'].map(nameOf)).toEqual(['web (Default)', 'web (acme)', 'db']);
  });
  it('falls back to the id, and says nothing of nothing', () => {
    expect(nameOf('0123456789abcdef')).toBe('01234567');
    expect(nameOf(null)).toBe('–');
  });
});
