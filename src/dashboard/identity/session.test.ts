import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HOST, startDashboard, type Browser, type TestDashboard } from '../testing/dashboard.ts';

const path = '/dashboard/api/session';
let site: TestDashboard;
let browser: Browser;
beforeEach(async () => {
  site = await startDashboard();
  browser = site.browser();
});
afterEach(() => site.close());

const sessionCookie = (of: Browser): [string, string] =>
  [...of.cookies].find(([name]) => name.startsWith('igloo_session_')) as [string, string];
const setCookies = (answer: { headers: Readonly<Record<string, unknown>> }): string[] =>
  [answer.headers['set-cookie'] ?? []].flat() as string[];
const failure = (code: string) => ({
  failure: expect.objectContaining({ code, requestId: expect.stringMatching(/^req-/) }) as unknown,
});

describe('signing in', () => {
  it('begins with the form’s CSRF token, and keeps nothing for a visitor', async () => {
    const first = await browser.ask('GET', path);
    expect(first.body).toEqual({
      signedIn: false,
      csrf: expect.stringMatching(/^[\w-]{43}$/),
      version: '1.2.3',
      timeZone: null,
      multiDomain: false,
    });
    expect(setCookies(first)).toEqual([
      expect.stringMatching(
        /^igloo_session_[0-9a-f]{8}=visitor\.[\w-]{43}; Path=\/dashboard; HttpOnly; SameSite=Strict$/,
      ),
    ]);
    site.store.away = true;
    const second = await browser.ask('GET', path);
    expect([second.status, second.body.csrf, setCookies(second)]).toEqual([200, first.body.csrf, []]);
  });

  it('answers who is signed in, where, and what there is', async () => {
    const { status, body } = await browser.signIn();
    expect(status).toBe(200);
    const { root } = site.cloud;
    expect(body).toEqual({
      signedIn: true,
      csrf: expect.any(String),
      version: '1.2.3',
      timeZone: null,
      multiDomain: false,
      user: { id: 'u1', name: 'alice', domain: { id: 'default', name: 'Default' } },
      project: { id: 'p1', name: 'alpha', domain: { id: 'default', name: 'Default' } },
      projects: [
        { id: 'p1', name: 'alpha', domainId: 'default' },
        { id: 'p2', name: 'beta', domainId: 'default' },
      ],
      roles: ['member'],
      isAdmin: false,
      expiresAt: '2026-11-23T20:00:00.000Z',
      region: 'RegionOne',
      regions: ['RegionOne', 'RegionTwo'],
      services: {
        identity: { url: `${root}/identity/v3` },
        compute: { url: `${root}/compute/v2.1/p1` },
        image: { url: `${root}/image/v2` },
        network: { url: `${root}/network/v2.0` },
        volume: { url: `${root}/volume/v3/p1` },
        event: { url: `${root}/event/v1` },
      },
      catalog: expect.arrayContaining([expect.objectContaining({ type: 'compute' })]),
      authUrl: `${root}/identity/v3`,
    });
    const again = await browser.session();
    expect(again).toEqual(body);
  });

  it('opens the project of last time, else the default project, else the first with a role', async () => {
    site.cloud.state.projects[0]!.role = null;
    expect((await browser.signIn()).body.project.id).toBe('p2');
    site.cloud.state.projects[0]!.role = 'member';
    await browser.ask('PUT', `${path}/scope`, { projectId: 'p1', region: 'RegionTwo' });
    await browser.ask('DELETE', path);
    const back = await browser.signIn();
    expect([back.body.project.id, back.body.region]).toEqual(['p1', 'RegionTwo']);
    site.cloud.state.defaultProject = 'p2';
    expect((await site.browser().signIn()).body.project.id).toBe('p2');
  });

  it('refuses a wrong password in Keystone’s words', async () => {
    const answer = await browser.signIn('wrong');
    expect([answer.status, answer.body]).toEqual([401, failure('credentials')]);
    expect(answer.body.failure.message).toContain('requires authentication');
    expect((await browser.session()).signedIn).toBe(false);
  });

  it('says that there is no project, and leaves no token behind', async () => {
    site.cloud.state.projects = [{ id: 'p9', name: 'off', role: 'member', enabled: false }];
    const answer = await browser.signIn();
    expect([answer.status, answer.body]).toEqual([403, failure('no-project')]);
    expect(site.cloud.tokens.size).toBe(0);
  });

  it('says that Keystone does not answer', async () => {
    site.cloud.state.keystoneStatus = 503;
    expect([(await browser.signIn()).status, (await browser.signIn()).body]).toEqual([
      503,
      failure('service-unavailable'),
    ]);
  });

  it('says that sessions cannot be kept, and leaves no token behind', async () => {
    await browser.session();
    site.store.away = true;
    const answer = await browser.ask('POST', path, { username: 'alice', password: 'right' });
    expect([answer.status, answer.body]).toEqual([503, failure('store-unavailable')]);
    expect(site.cloud.tokens.size).toBe(0);
    site.store.away = false;
    expect((await browser.signIn()).status).toBe(200);
  });

  it.each([
    ['no password', { username: 'alice' }],
    ['something else', { username: 'alice', password: 'right', scope: {} }],
    ['no text', { username: 'alice', password: 7 }],
    ['nothing', {}],
  ])('refuses a body with %s', async (_what, body) => {
    await browser.session();
    const answer = await browser.ask('POST', path, body);
    expect([answer.status, answer.body]).toEqual([400, failure('bad-request')]);
  });

  it('refuses forms of other kinds', async () => {
    await browser.session();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      expect((await browser.ask('POST', path, 'username=alice', { 'content-type': type })).status).toBe(415);
  });

  it('slows down who guesses, by name and by address, and says for how long', async () => {
    for (let n = 0; n < 10; n++) expect((await browser.signIn('wrong')).status).toBe(401);
    const refused = await browser.signIn();
    expect([refused.status, refused.body, refused.headers['retry-after']]).toEqual([
      429,
      failure('too-many-attempts'),
      '300',
    ]);
    expect(refused.body.failure.retryAfter).toBe(300);
    site.clock.advance(301);
    expect((await browser.signIn()).status).toBe(200);
  });

  it('knows addresses from a web server before it on this machine', async () => {
    await browser.session();
    const guess = (name: string, address: string) =>
      browser.ask('POST', path, { username: name, password: 'x' }, { 'x-forwarded-for': `9.9.9.9, ${address}` });
    for (let n = 0; n < 30; n++) await guess(`user${n}`, '10.0.0.1');
    expect((await guess('other', '10.0.0.1')).status).toBe(429);
    expect((await guess('other', '10.0.0.2')).status).toBe(401);
  });

  it('writes down who signed in, and no secret', async () => {
    await browser.signIn('wrong-pass-4711');
    await browser.signIn();
    const written = JSON.stringify(site.records);
    expect(written).toContain('alice');
    for (const secret of ['right', 'wrong-pass-4711', site.cloud.tokenMark, sessionCookie(browser)[1], browser.csrf])
      expect(written).not.toContain(secret);
  });
});

describe('a session', () => {
  it('has an id that we made, a new one at each sign-in and none that was given to us', async () => {
    await browser.session();
    const [name, visitor] = sessionCookie(browser);
    const planted = 'A'.repeat(43);
    const other = site.browser();
    other.cookies.set(name, planted);
    const first = await other.session();
    expect(first.signedIn).toBe(false);
    expect(sessionCookie(other)[1]).not.toBe(planted);
    other.cookies.set(name, visitor);
    await other.signIn();
    const signedInId = sessionCookie(other)[1];
    expect(signedInId).toMatch(/^[\w-]{43}$/);
    expect(signedInId).not.toBe(visitor);
    expect((await browser.session()).signedIn, 'who planted the visitor’s id').toBe(false);
    const csrf = other.csrf;
    await other.signIn();
    expect(sessionCookie(other)[1]).not.toBe(signedInId);
    expect(other.csrf).not.toBe(csrf);
    other.cookies.set(name, signedInId);
    expect((await other.session()).signedIn, 'the session before').toBe(false);
  });

  it('is not taken where two are given, and what was planted is taken away', async () => {
    await browser.signIn();
    const [name, own] = sessionCookie(browser);
    const other = site.browser();
    await other.signIn();
    const theirs = sessionCookie(other)[1];
    // Another port of this host may set a cookie for a path that goes before ours, or after.
    for (const cookie of [`${name}=${theirs}; ${name}=${own}`, `${name}=${own}; a=b; ${name}=${theirs}`]) {
      const used = await browser.ask('GET', '/dashboard/api/proxy/compute/servers', undefined, { cookie });
      expect([used.status, used.body]).toEqual([401, failure('session-ended')]);
      const answer = await browser.ask('GET', path, undefined, { cookie });
      expect(answer.body.signedIn).toBe(false);
      const cleared = setCookies(answer).filter((one) => one.includes('Max-Age=0'));
      for (const where of ['/', '/dashboard/api', '/dashboard/api/session'])
        expect(cleared).toContainEqual(expect.stringMatching(new RegExp(`^${name}=; Max-Age=0; Path=${where};`)));
      expect(cleared.some((one) => one.includes('Path=/dashboard;'))).toBe(false);
    }
  });

  it('ends by not being used, and not while it is', async () => {
    await browser.signIn();
    for (let n = 0; n < 5; n++) {
      site.clock.advance(1700);
      expect((await browser.session()).signedIn).toBe(true);
    }
    site.clock.advance(1861);
    const refused = await browser.ask('GET', '/dashboard/api/proxy/compute/servers');
    expect([refused.status, refused.body]).toEqual([401, failure('session-ended')]);
    expect((await browser.session()).signedIn).toBe(false);
  });

  it('ends with its token', async () => {
    site.cloud.state.expiresAt = '2026-11-23T08:10:00Z';
    await browser.signIn();
    site.clock.advance(601);
    expect((await browser.ask('GET', '/dashboard/api/proxy/compute/servers')).body).toEqual(failure('session-ended'));
  });

  it('is over when Keystone says so', async () => {
    await browser.signIn();
    site.cloud.tokens.clear();
    expect((await browser.session()).signedIn).toBe(false);
  });

  it('goes on while Keystone is away, and says so by the projects', async () => {
    await browser.signIn();
    site.cloud.state.keystoneStatus = 500;
    expect(await browser.session()).toMatchObject({ signedIn: true, projects: [{ id: 'p1', name: 'alpha' }] });
  });

  it('that cannot be read is not taken for none', async () => {
    await browser.signIn();
    site.store.away = true;
    for (const [method, url] of [
      ['GET', path],
      ['GET', '/dashboard/api/proxy/compute/servers'],
      ['DELETE', path],
    ] as const) {
      const answer = await browser.ask(method, url);
      expect([answer.status, answer.body, setCookies(answer)]).toEqual([503, failure('store-unavailable'), []]);
    }
    site.store.away = false;
    expect((await browser.session()).signedIn).toBe(true);
  });

  it('moves to another project and region without a password', async () => {
    await browser.signIn();
    const moved = await browser.ask('PUT', `${path}/scope`, { projectId: 'p2' });
    expect(moved.body).toMatchObject({ project: { id: 'p2' }, isAdmin: true, csrf: browser.csrf, region: 'RegionOne' });
    expect(moved.body.services.compute.url).toContain('/v2.1/p2');
    const region = await browser.ask('PUT', `${path}/scope`, { region: 'RegionTwo' });
    expect(region.body).toMatchObject({ project: { id: 'p2' }, region: 'RegionTwo' });
    expect(await browser.session()).toMatchObject({ project: { id: 'p2' }, region: 'RegionTwo' });
  });

  it('refuses to move where there is no role or no region', async () => {
    await browser.signIn();
    const held = site.cloud.tokens.size;
    const nowhere = await browser.ask('PUT', `${path}/scope`, { projectId: 'p3' });
    expect([nowhere.status, nowhere.body]).toEqual([403, failure('no-project')]);
    const region = await browser.ask('PUT', `${path}/scope`, { projectId: 'p2', region: 'Mars' });
    expect([region.status, region.body]).toEqual([400, failure('bad-request')]);
    expect(site.cloud.tokens.size).toBe(held);
    expect(await browser.session()).toMatchObject({ project: { id: 'p1' } });
    site.cloud.tokens.clear();
    const ended = await browser.ask('PUT', `${path}/scope`, { projectId: 'p2' });
    expect([ended.status, ended.body]).toEqual([401, failure('session-ended')]);
  });

  it('keeps few tokens, and revokes all at the sign-out', async () => {
    await browser.signIn();
    for (let n = 0; n < 10; n++) await browser.ask('PUT', `${path}/scope`, { projectId: n % 2 === 0 ? 'p2' : 'p1' });
    expect(site.cloud.tokens.size).toBeLessThanOrEqual(6);
    const [name, id] = sessionCookie(browser);
    const out = await browser.ask('DELETE', path);
    expect([out.status, out.text]).toEqual([204, '']);
    expect(site.cloud.tokens.size).toBe(0);
    browser.cookies.set(name, id);
    expect((await browser.session()).signedIn).toBe(false);
  });

  it('ends although Keystone is away', async () => {
    await browser.signIn();
    site.cloud.state.keystoneStatus = 500;
    expect((await browser.ask('DELETE', path)).status).toBe(204);
    expect((await browser.session()).signedIn).toBe(false);
  });

  it('is not kept from one cloud to the next by its cookie’s name', async () => {
    await browser.session();
    const other = await startDashboard();
    const there = other.browser();
    await there.session();
    expect(sessionCookie(there)[0]).not.toBe(sessionCookie(browser)[0]);
    await other.close();
  });
});

describe('cross-site requests', () => {
  const unsafe = [
    ['POST', path],
    ['PUT', `${path}/scope`],
    ['DELETE', path],
    ['POST', '/dashboard/api/proxy/compute/servers'],
    ['PUT', '/dashboard/api/proxy/image/images/x/file'],
    ['PATCH', '/dashboard/api/proxy/network/networks/x'],
    ['DELETE', '/dashboard/api/proxy/volume/volumes/x'],
    ['OPTIONS', '/dashboard/api/proxy/identity/users'],
  ] as const;
  const body = { username: 'alice', password: 'right' };

  it.each(unsafe)('%s %s needs our CSRF token and our page', async (method, url) => {
    await browser.signIn();
    const before = site.cloud.asked.length;
    const attempts: Record<string, string | undefined>[] = [
      { 'x-csrf-token': undefined },
      { 'x-csrf-token': '' },
      { 'x-csrf-token': 'A'.repeat(43) },
      { 'x-csrf-token': browser.csrf.toLowerCase() },
      { cookie: undefined },
      { origin: 'http://evil.example' },
      { origin: `http://${HOST}.evil.example` },
      { origin: 'http://dashboard.example:8081' },
      { origin: 'null' },
      { origin: undefined, 'sec-fetch-site': undefined },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
    ];
    for (const headers of attempts) {
      const answer = await browser.ask(method, url, body, headers);
      expect([headers, answer.status, answer.body]).toEqual([headers, 403, failure('csrf')]);
      expect(setCookies(answer)).toEqual([]);
    }
    expect(site.cloud.asked.length, 'nothing was asked of the cloud').toBe(before);
    // One of the two is enough: older browsers send only Origin, and some no Origin with their own page's requests.
    for (const headers of [{ origin: undefined }, { 'sec-fetch-site': undefined }]) {
      expect((await browser.ask(method, url, body, headers)).body?.failure?.code).not.toBe('csrf');
      await browser.session();
    }
  });

  it('are not answered by another session’s token', async () => {
    await browser.signIn();
    const other = site.browser();
    await other.signIn();
    expect((await browser.ask('DELETE', path, undefined, { 'x-csrf-token': other.csrf })).status).toBe(403);
  });

  it('cannot read, nor have a visitor’s cookie set over a session’s', async () => {
    await browser.signIn();
    const answer = await browser.ask('GET', path, undefined, { 'sec-fetch-site': 'cross-site', cookie: undefined });
    expect([answer.status, setCookies(answer)]).toEqual([403, []]);
    const preflight = await browser.ask('OPTIONS', path, undefined, { origin: 'http://evil.example' });
    expect(Object.keys(preflight.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('must be https where cookies are', async () => {
    const secure = await startDashboard({ secureCookies: true });
    const one = secure.browser();
    const first = await one.ask('GET', path);
    expect(setCookies(first)[0]).toMatch(/; Secure/);
    expect(first.headers['strict-transport-security']).toBe('max-age=31536000');
    one.csrf = first.body.csrf;
    expect((await one.ask('POST', path, body)).status).toBe(403);
    expect((await one.ask('POST', path, body, { origin: `https://${HOST}` })).status).toBe(200);
    await secure.close();
  });
});
