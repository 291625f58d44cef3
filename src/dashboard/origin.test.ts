import { describe, expect, it } from 'vitest';
import { hostAllowed } from './origin.ts';

describe('ALLOWED_HOSTS', () => {
  it.each([
    ['dashboard', ['dashboard'], true],
    ['DashBoard:8080', ['dashboard'], true],
    ['dashboard.', ['dashboard'], true],
    ['dashboard.evil', ['dashboard'], false],
    ['evil-dashboard', ['dashboard'], false],
    ['a.example.org', ['.example.org'], true],
    ['example.org', ['.example.org'], true],
    ['aexample.org', ['.example.org'], false],
    ['[::1]:8080', ['[::1]'], true],
    ['[::2]', ['[::1]'], false],
    ['anything', ['*'], true],
    ['anything', [], false],
    [undefined, ['*'], false],
    ['', ['*'], false],
    ['a@dashboard', ['*'], false],
    ['dashboard/x', ['*'], false],
    ['dashboard:x', ['*'], false],
  ])('%s by %j: %s', (header, allowed, answered) => {
    expect(hostAllowed(header, allowed)).toBe(answered);
  });
});
