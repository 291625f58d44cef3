import { describe, expect, it } from 'vitest';
import { isEmail, newUser, shown, userChange, type UserValues } from './user-form.ts';

const values: UserValues = {
  name: ' ada ',
  email: '',
  description: '',
  domain: '',
  password: 'secret',
  project: '',
  role: '',
  enabled: true,
};

describe('newUser', () => {
  it('sends only what was said', () => {
    expect(newUser(values)).toEqual({ name: 'ada', password: 'secret', enabled: true });
    expect(newUser({ ...values, email: 'a@b', domain: 'd', project: 'p', description: 'x' })).toEqual({
      name: 'ada',
      email: 'a@b',
      domain_id: 'd',
      default_project_id: 'p',
      description: 'x',
      password: 'secret',
      enabled: true,
    });
  });
  it('is shown without the password', () => {
    expect(JSON.stringify(shown(newUser(values)))).not.toContain('secret');
    expect(shown({})).toEqual({});
  });
});

describe('userChange', () => {
  const user = { id: 'u', name: 'ada', enabled: true, domain_id: 'd', email: 'a@b', default_project_id: 'p' };
  it('says only what differs', () => {
    expect(userChange(user, { name: 'ada', email: 'a@b', description: '', project: 'p' })).toEqual({});
    expect(userChange(user, { name: 'Ada', email: '', description: 'x', project: '' })).toEqual({
      name: 'Ada',
      email: '',
      description: 'x',
      default_project_id: null,
    });
  });
});

it('isEmail catches slips', () => {
  expect(isEmail('ada@example.org')).toBe(true);
  for (const text of ['ada', 'ada@', '@x', 'a b@c']) expect(isEmail(text)).toBe(false);
});
