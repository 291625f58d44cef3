/** `[security_compliance]`. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { adminToken, passwordAuth, startTestCloud, type Answer, type TestCloud } from '../testing/cloud.ts';

const day = 86_400_000;

async function start(settings: Readonly<Record<string, string | number | boolean>>): Promise<TestCloud> {
  const cloud = await startTestCloud({ security_compliance: settings });
  onTestFinished(() => cloud.close());
  return cloud;
}
const signIn = (cloud: TestCloud, name: string, password: string): Promise<Answer> =>
  cloud.call('POST', '/v3/auth/tokens', passwordAuth(name, password));
const admin = (cloud: TestCloud, method: string, path: string, body?: unknown): Promise<Answer> =>
  cloud.call(method, path, body, { token: adminToken });
const create = async (cloud: TestCloud, user: object): Promise<string> =>
  (await admin(cloud, 'POST', '/v3/users', { user: { name: 'u', password: 'first', ...user } })).body.user.id as string;
const change = (cloud: TestCloud, id: string, original: string, password: string): Promise<Answer> =>
  cloud.call('POST', `/v3/users/${id}/password`, { user: { original_password: original, password } });

describe('security compliance', () => {
  it('ends passwords after some days, says so to who knows them, and lets them be changed', async () => {
    const cloud = await start({ password_expires_days: 2 });
    const id = await create(cloud, {});
    const shown = await admin(cloud, 'GET', `/v3/users/${id}`);
    expect(shown.body.user.password_expires_at).toBe('2026-11-25T01:03:16.000000');
    expect((await signIn(cloud, 'u', 'first')).body.token.user.password_expires_at).toBe('2026-11-25T01:03:16.000000');
    const soon = '/v3/users?password_expires_at=lt:2026-11-26T00:00:00Z';
    expect((await admin(cloud, 'GET', soon)).body.users).toHaveLength(4);
    expect((await admin(cloud, 'GET', soon.replace('lt', 'gt'))).body.users).toHaveLength(0);
    cloud.clock.advance(2 * day);
    const refused = await signIn(cloud, 'u', 'first');
    expect([refused.status, refused.body.error.message]).toEqual([
      401,
      `The password is expired and needs to be changed for user: ${id}.`,
    ]);
    expect((await signIn(cloud, 'u', 'wrong')).body.error.message).toBe(
      'The request you have made requires authentication.',
    );
    expect((await change(cloud, id, 'first', 'second')).status).toBe(204);
    expect((await signIn(cloud, 'u', 'second')).status).toBe(201);
    const never = await create(cloud, { name: 'service', options: { ignore_password_expiry: true } });
    expect((await admin(cloud, 'GET', `/v3/users/${never}`)).body.user.password_expires_at).toBeNull();
  });

  it('wants a password that an administrator gave to be changed at once', async () => {
    const cloud = await start({ change_password_upon_first_use: true, minimum_password_age: 1 });
    const id = await create(cloud, {});
    expect((await signIn(cloud, 'u', 'first')).status).toBe(401);
    expect((await change(cloud, id, 'first', 'own')).status).toBe(204);
    expect((await signIn(cloud, 'u', 'own')).status).toBe(201);
    const soon = await change(cloud, id, 'own', 'another');
    expect([soon.status, soon.body.error.message]).toEqual([400, expect.stringContaining('minimum password age')]);
    cloud.clock.advance(day);
    expect((await change(cloud, id, 'own', 'another')).status).toBe(204);
    await admin(cloud, 'PATCH', `/v3/users/${id}`, { user: { password: 'reset' } });
    expect((await signIn(cloud, 'u', 'reset')).status).toBe(401);
  });

  it('remembers passwords that were used', async () => {
    const cloud = await start({ unique_last_password_count: 3 });
    const id = await create(cloud, {});
    expect((await change(cloud, id, 'first', 'second')).status).toBe(204);
    const again = await change(cloud, id, 'second', 'first');
    expect([again.status, again.body.error.message]).toEqual([400, expect.stringContaining('must be unique is 3')]);
    expect((await change(cloud, id, 'second', 'third')).status).toBe(204);
    expect((await change(cloud, id, 'third', 'fourth')).status).toBe(204);
    expect((await change(cloud, id, 'fourth', 'first')).status).toBe(204);
    // Administrators may set any.
    expect((await admin(cloud, 'PATCH', `/v3/users/${id}`, { user: { password: 'fourth' } })).status).toBe(200);
  });

  it('wants passwords of a form', async () => {
    const rules = { password_regex: '(?=.*\\d).{5,}$', password_regex_description: 'five characters, a digit' };
    const cloud = await startTestCloud({
      security_compliance: { ...rules, password_regex: '.{5,}$' },
    });
    onTestFinished(() => cloud.close());
    const short = await admin(cloud, 'POST', '/v3/users', { user: { name: 'u', password: 'abc' } });
    expect([short.status, short.body.error.message]).toEqual([
      400,
      'Password validation error: The password does not match the requirements: five characters, a digit.',
    ]);
    await expect(start({ password_regex: '(' })).rejects.toThrow('password_regex');
  });

  it('locks an account after wrong passwords, unless it is exempt', async () => {
    const cloud = await start({ lockout_failure_attempts: 2, lockout_duration: 60 });
    const fail = async (name: string): Promise<void> => {
      for (let i = 0; i < 2; i++) await signIn(cloud, name, 'wrong');
    };
    await create(cloud, {});
    await create(cloud, { name: 'exempt', options: { ignore_lockout_failure_attempts: true } });
    await fail('u');
    await fail('exempt');
    expect((await signIn(cloud, 'u', 'first')).status).toBe(401);
    expect((await signIn(cloud, 'exempt', 'first')).status).toBe(201);
    cloud.clock.advance(61_000);
    expect((await signIn(cloud, 'u', 'first')).status).toBe(201);
  });

  it('shuts out who stays away, until an administrator lets them in again', async () => {
    const cloud = await start({ disable_user_account_days_inactive: 30 });
    const id = await create(cloud, {});
    await create(cloud, { name: 'exempt', options: { ignore_user_inactivity: true } });
    cloud.clock.advance(20 * day);
    expect((await signIn(cloud, 'u', 'first')).status).toBe(201);
    cloud.clock.advance(20 * day);
    expect((await signIn(cloud, 'u', 'first')).status).toBe(201);
    cloud.clock.advance(31 * day);
    expect((await signIn(cloud, 'u', 'first')).status).toBe(401);
    expect((await signIn(cloud, 'exempt', 'first')).status).toBe(201);
    for (const enabled of [false, true]) await admin(cloud, 'PATCH', `/v3/users/${id}`, { user: { enabled } });
    expect((await signIn(cloud, 'u', 'first')).status).toBe(201);
  });

  it('lets an administrator keep a user from changing the password', async () => {
    const cloud = await start({});
    const id = await create(cloud, { options: { lock_password: true } });
    expect((await change(cloud, id, 'first', 'second')).status).toBe(403);
    await admin(cloud, 'PATCH', `/v3/users/${id}`, { user: { options: { lock_password: null } } });
    expect((await change(cloud, id, 'first', 'second')).status).toBe(204);
    expect((await admin(cloud, 'GET', `/v3/users/${id}`)).body.user.options).toEqual({});
  });
});
