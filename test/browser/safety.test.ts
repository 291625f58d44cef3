import { get } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goTo, hasChromium, openBrowser, openWindow, signIn, type Window } from '../fixtures/browser.ts';
import { eventually } from '../fixtures/cloud.ts';
import { screensOf } from '../fixtures/console-cloud.ts';
import { makeDashboardCloud, type Client, type DashboardCloud, type Person } from '../fixtures/dashboard.ts';
import { attack, openEvilSite, type Attack, type EvilSite } from '../fixtures/evil-site.ts';
import { hostileName, hostileShortName, makeHostileThings, type HostileThings } from '../fixtures/hostile-things.ts';
import { tokensIn, watchSight, type Sight } from '../fixtures/secrets-seen.ts';

const OFFSET = 2600;

const missing = !hasChromium() && process.env['CI'] === undefined;
if (missing) console.warn('Skipped: chromium is missing (apt-get install chromium)');

describe.skipIf(missing)('the console attacked', () => {
  let here: DashboardCloud;
  let browser: Browser;
  let person: Person;
  let boss: Person;
  let demo: Client;
  let admin: Client;
  let things: HostileThings;
  /** Addresses that any page asked for elsewhere than at the dashboard. */
  const elsewhere: string[] = [];

  const open = async (): Promise<Window> => {
    const window = await openWindow(browser, here.base);
    window.page.setDefaultTimeout(15_000);
    window.context.on('request', (request) => {
      const url = request.url();
      if (/^(https?|wss?):/.test(url) && !url.startsWith(`${here.base}/`)) elsewhere.push(url);
    });
    return window;
  };
  /** The answer of the dashboard's session service in a page. */
  const sessionOf = (page: Page): Promise<SessionAnswer> =>
    page.evaluate("fetch('/dashboard/api/session').then((it) => it.json())");

  beforeAll(async () => {
    here = await makeDashboardCloud(OFFSET);
    [person, boss] = await Promise.all([here.person('demo'), here.person('admin')]);
    [demo, admin] = [here.clientOf(person), here.clientOf(boss)];
    things = await makeHostileThings(admin, demo);
    // An administrator in the project of the things sees every screen with something in it.
    const { roles } = await admin.ask<{ roles: Named[] }>('identity', 'GET', '/roles');
    const { users } = await admin.ask<{ users: Named[] }>('identity', 'GET', '/users?name=admin');
    const role = roles.find(({ name }) => name === 'admin')?.id;
    await admin.ask('identity', 'PUT', `/projects/${things['project']}/users/${users[0]?.id}/roles/${role}`);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await here?.destroy();
  });

  /** Opens every screen, each of its tabs and a dialog that names a thing. @returns what is wrong; `seen` gets what stood there */
  async function walk(
    { page, troubles }: Window,
    as: 'admin' | 'member',
    seen: Map<string, string>,
  ): Promise<string[]> {
    const wrong: string[] = [];
    let path = '';
    const busy = inFlight(page);
    const look = async (): Promise<void> => {
      await eventually('nothing is loaded', async () => busy() === 0, 5000).catch(() => undefined);
      const { text, links, run } = await page.evaluate<Look>(`({
        text: document.title + '\\n' + document.body.textContent,
        links: [...document.querySelectorAll('a[href], form[action], iframe[src]')].map((it) => it.href || it.action || it.src),
        run: globalThis.__xss === undefined ? null : 'script of a name ran',
      })`);
      seen.set(path, `${seen.get(path) ?? ''}\n${text}`);
      const strange = links.filter((link) => !/^(https?:\/\/|blob:)/.test(link)).map((link) => `link to ${link}`);
      wrong.push(
        ...[...troubles.splice(0), ...strange, ...(run === null ? [] : [run])].map((one) => `${path}: ${one}`),
      );
    };
    for (const screen of await screensOf()) {
      path = screen.path.replace(/\$\w+/, thingAt(screen.path, things));
      await goTo(page, path);
      await look();
      if (screen.admin && as === 'member') continue;
      for (const tab of (await page.locator('main [role=tab][aria-selected=false]').all()).slice(0, 8)) {
        await tab.click();
        await look();
      }
      const menu = page.getByRole('button', { name: /^Actions on x-/ }).first();
      if (as === 'member' && (await menu.isVisible())) {
        await menu.click();
        // The last is what destroys: it names what.
        await page.locator('[role=menuitem]:not([aria-disabled=true])').last().click();
        await look();
        await eventually('the dialog is closed', async () => {
          await page.keyboard.press('Escape');
          return (await page.getByRole('dialog').count()) === 0;
        });
      }
    }
    return wrong;
  }

  it('shows what would run as the text that it is, on every screen', async () => {
    const [member, administrator] = await Promise.all([open(), open()]);
    const sights: Sight[] = await Promise.all([watchSight(member.page), watchSight(administrator.page)]);
    await signIn(member.page, person.name, person.password);
    await signIn(administrator.page, boss.name, boss.password);
    await administrator.page.evaluate(
      `fetch('/dashboard/api/session').then((it) => it.json()).then(({ csrf }) => fetch('/dashboard/api/session/scope', {
        method: 'PUT', headers: { 'content-type': 'application/json', 'x-csrf-token': csrf },
        body: JSON.stringify({ projectId: '${things['project']}' }) }))`,
    );
    await administrator.page.reload();
    await administrator.page.locator('#content h1').first().waitFor();
    const [seen, seenByAdmin] = [new Map<string, string>(), new Map<string, string>()];
    const wrong = await Promise.all([walk(member, 'member', seen), walk(administrator, 'admin', seenByAdmin)]);
    expect(wrong.flat()).toEqual([]);
    // What was not there at once is looked at again.
    const lacking = async ({ page }: Window, found: Map<string, string>, places: Places): Promise<string[]> => {
      const missed: string[] = [];
      for (const [pattern, text] of places) {
        const path = pattern.replace(/\$\w+/, thingAt(pattern, things));
        if (found.get(path)?.includes(text)) continue;
        await goTo(page, path);
        const there = async (): Promise<boolean> => (await page.locator('body').textContent())?.includes(text) === true;
        await eventually(text, there, 5000).catch(() => missed.push(`${path} does not show ${text}`));
      }
      return missed;
    };
    // Key pairs are a person's own.
    expect(await lacking(member, seen, [...projectPlaces, ['/keypairs', 'x-keypair']])).toEqual([]);
    expect(await lacking(administrator, seenByAdmin, [...projectPlaces, ...adminPlaces])).toEqual([]);

    // The palette finds things by their names.
    await member.page.keyboard.press('Control+k');
    await member.page.keyboard.type('x-volume');
    await member.page
      .getByRole('option')
      .filter({ hasText: hostileName('volume') })
      .first()
      .waitFor();
    expect(await member.page.evaluate('globalThis.__xss')).toBeUndefined();

    // Nothing that either page was told, or keeps, is a token; one that is would be known.
    const text = (await Promise.all(sights.map((sight) => sight.text()))).join('\n');
    expect(text.length).toBeGreaterThan(500_000);
    expect(text).not.toContain(person.password);
    expect(tokensIn(text, here.cloud.stateDir)).toEqual({ keystone: [], console: [] });
    const own = await demo.token();
    expect(tokensIn(`${text} ${own}`, here.cloud.stateDir).keystone).toEqual([own]);
    const cookies = await member.context.cookies();
    expect(cookies.length).toBeGreaterThan(0);
    expect(cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite }))).toEqual(
      cookies.map(() => ({ httpOnly: true, sameSite: 'Strict' })),
    );
    expect(tokensIn(cookies.map(({ value }) => value).join(' '), here.cloud.stateDir).keystone).toEqual([]);

    // And were a name ever taken for HTML, the policy would still not run it.
    await member.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"__xss=1\">')");
    await expect.poll(() => member.troubles.length).toBeGreaterThan(0);
    expect(await member.page.evaluate('globalThis.__xss')).toBeUndefined();
    await member.context.close();
    await administrator.context.close();
  });

  it('does nothing that another site’s page asks for', async () => {
    const { context, page } = await openWindow(browser, here.base);
    const site: EvilSite = await openEvilSite();
    await signIn(page, person.name, person.password);
    const before = await stateOf(demo);
    const scope = await sessionOf(page);
    const refused: { path: string; status: number; cookie: boolean }[] = [];
    const evil = await context.newPage();
    evil.on('response', async (response) => {
      const { pathname } = new URL(response.url());
      if (!pathname.startsWith('/dashboard/api')) return;
      const cookie = (
        (await response
          .request()
          .allHeaders()
          .catch(() => ({}))) as Record<string, string>
      )['cookie'];
      refused.push({ path: pathname, status: response.status(), cookie: cookie?.includes('igloo_session') ?? false });
    });
    const attacks = everyAttack(things);
    // By another name it is another site; at the same address, with another port, browsers send it our cookies.
    for (const host of ['localhost', '127.0.0.1']) {
      await evil.goto(`http://${host}:${site.port}/`);
      expect(await attack(evil, here.base, attacks)).toEqual([]);
    }
    expect(refused.filter(({ status }) => status !== 403)).toEqual([]);
    expect(refused.filter(({ cookie }) => cookie).length).toBeGreaterThan(20);
    // Of the others the browser asked for permission and got none.
    expect(new Set(refused.map(({ path }) => path)).size).toBeGreaterThan(8);
    expect(await stateOf(demo)).toEqual(before);
    // Signed in as before, in the same project; and what was tried works from our own page.
    expect(await sessionOf(page)).toMatchObject({ signedIn: true, csrf: scope.csrf, project: scope.project });
    const status = await page.evaluate(
      `fetch('/dashboard/api/proxy/network/networks', { method: 'POST', headers: { 'content-type': 'application/json',
        'x-csrf-token': '${scope.csrf}' }, body: '{"network":{"name":"own"}}' }).then((it) => it.status)`,
    );
    expect(status).toBe(201);
    expect(await stateOf(demo)).not.toEqual(before);
    // It is not shown within a page of somebody else either.
    await evil.goto(`http://127.0.0.1:${site.port}/`);
    await evil.evaluate(`document.body.innerHTML = '<iframe src="${here.base}/dashboard/"></iframe>'`);
    const frame = evil.frames().at(-1);
    await expect.poll(async () => (await frame?.content().catch(() => ''))?.includes('id="root"')).toBe(false);
    await context.close();
    await site.close();
  });

  it('never leads elsewhere', async () => {
    const evil = 'evil.example';
    const addresses = [
      `//${evil}/`,
      `//${evil}/dashboard/`,
      `/\\${evil}/`,
      `/dashboard//${evil}`,
      `/dashboard/\\${evil}`,
      `/dashboard/%2F%2F${evil}`,
      `/dashboard/%5C%5C${evil}/`,
      `/dashboard/..//${evil}/`,
      `/dashboard/?next=https://${evil}/`,
      `/dashboard/?redirect=//${evil}&url=//${evil}&return_to=javascript:__xss=1`,
      `/dashboard/instances/%2F%2F${evil}`,
      `/dashboard/#//${evil}`,
      `/dashboard/#javascript:__xss=1`,
      `http://${evil}/dashboard`,
    ];
    for (const address of addresses) {
      const location = await locationOf(here.base, address.replace(/#.*/, ''));
      expect([address, location === null || /^\/dashboard\/?$/.test(location)]).toEqual([address, true]);
    }
    const { page, context, troubles } = await open();
    elsewhere.length = 0;
    const stays = (): void => expect(new URL(page.url()).origin).toBe(here.base);
    // Before signing in, over signing in, and when signed in.
    await page.goto(`/dashboard/?next=https://${evil}/&redirect=//${evil}#//${evil}`);
    await page.locator('input[name=username]').fill(person.name);
    await page.locator('input[name=password]').fill(person.password);
    await page.keyboard.press('Enter');
    await page.locator('#content h1').first().waitFor();
    stays();
    // What the browser itself does not take for a path outside of the app.
    const inside = addresses.filter(
      (one) => one.startsWith('/') && /^\/dashboard\//.test(new URL(here.base + one).pathname),
    );
    expect(inside.length).toBeGreaterThan(6);
    for (const address of inside) {
      await page.goto(here.base + address);
      await expect.poll(() => page.locator('#content h1').count(), { message: address }).toBe(1);
      stays();
    }
    // Within the app, as a link of its own would.
    for (const path of [`//${evil}`, `/instances//${evil}`, `/volumes/..%2F..%2F..%2F%2F${evil}`]) {
      await goTo(page, path);
      stays();
    }
    expect(await page.evaluate('globalThis.__xss')).toBeUndefined();
    expect([elsewhere, troubles]).toEqual([[], []]);
    await context.close();
  });

  it('takes no session that somebody else has planted', async () => {
    const attacker = await open();
    await signIn(attacker.page, boss.name, boss.password);
    const theirs = (await attacker.context.cookies()).find(({ name }) => name.startsWith('igloo_session'));
    if (!theirs) throw new Error('There is no session cookie');
    /** Whose session an id is. */
    const whose = async (id: string): Promise<string | null> => {
      const answer = await fetch(`${here.base}/dashboard/api/session`, { headers: { cookie: `${theirs.name}=${id}` } });
      return ((await answer.json()) as SessionAnswer).user?.name ?? null;
    };
    const idIn = async ({ context }: Window): Promise<string> =>
      (await context.cookies()).find(({ name, path }) => name === theirs.name && path === theirs.path)?.value ?? '';
    const signOut = (page: Page): Promise<unknown> =>
      page.evaluate(
        `fetch('/dashboard/api/session').then((it) => it.json()).then(({ csrf }) =>
          fetch('/dashboard/api/session', { method: 'DELETE', headers: { 'x-csrf-token': csrf } }))`,
      );
    const made = 'A'.repeat(43);
    for (const planted of [made, `visitor.${made}`]) {
      const victim = await open();
      await victim.context.addCookies([{ ...theirs, value: planted }]);
      await signIn(victim.page, person.name, person.password);
      const own = await idIn(victim);
      expect([own === planted, await whose(own), await whose(planted)]).toEqual([false, person.name, null]);
      await signOut(victim.page);
      expect(await whose(own)).toBe(null);
      await victim.context.close();
    }
    // The attacker's own session, from another port of this host, at a path that goes before ours.
    const victim = await open();
    await signIn(victim.page, person.name, person.password);
    await victim.context.addCookies([{ ...theirs, path: '/dashboard/api' }]);
    expect((await sessionOf(victim.page)).user?.name).not.toBe(boss.name);
    await signIn(victim.page, person.name, person.password);
    expect((await sessionOf(victim.page)).user?.name).toBe(person.name);
    // Signed out of a session that was planted whole, it ends for its maker too.
    const other = await open();
    await other.context.addCookies([theirs]);
    await signOut(await at(other));
    expect(await whose(theirs.value)).toBe(null);
    for (const { context } of [victim, other, attacker]) await context.close();
  });

  it('opens no other console than the one that was given', async () => {
    const network = {
      networks: [
        {
          port: (
            await demo.ask<{ port: Made }>('network', 'POST', '/v2.0/ports', {
              port: { network_id: things['network'] },
            })
          ).port.id,
        },
      ],
    };
    const made = async (client: Client, name: string, extra: object): Promise<string> => {
      const { images } = await client.ask<{ images: Made[] }>('image', 'GET', '/v2/images?name=cirros');
      const body = { server: { name, imageRef: images[0]?.id, flavorRef: '1', ...extra } };
      const { server } = await client.ask<{ server: Made }>('compute', 'POST', '/servers', body, newer);
      await eventually(`${name} is ACTIVE`, async () => {
        const { server: shown } = await client.ask<{ server: { status: string } }>(
          'compute',
          'GET',
          `/servers/${server.id}`,
        );
        return shown.status === 'ACTIVE';
      });
      return server.id;
    };
    const node = await admin.ask<{ services: { id: string; binary: string }[] }>(
      'compute',
      'GET',
      '/os-services',
      undefined,
      newer,
    );
    const host = node.services.find(({ binary }) => binary === 'nova-compute')?.id;
    await admin.ask('compute', 'PUT', `/os-services/${host}`, { status: 'enabled' }, newer);
    const [first, second, stranger] = await Promise.all([
      made(demo, 'console-first', network),
      made(demo, 'console-second', { networks: 'none' }),
      made(admin, 'console-stranger', { networks: 'none' }),
    ]);
    const consoleOf = async (client: Client, id: string): Promise<URL> => {
      const body = { remote_console: { protocol: 'serial', type: 'serial' } };
      const answer = await client.ask<{ remote_console: { url: string } }>(
        'compute',
        'POST',
        `/servers/${id}/remote-consoles`,
        body,
        newer,
      );
      return new URL(answer.remote_console.url);
    };
    const url = await consoleOf(demo, first);
    const other = (await consoleOf(demo, second)).searchParams.get('token') ?? '';
    const forged = other.replace(/^./, (character) => (character === '0' ? '1' : '0'));
    // The token alone says which; nothing else in the address does.
    expect(await sayAt(url.href, 'by-token')).toBe('heard');
    for (const change of [`&instance=${second}`, `&server_id=${second}`, `&path=websockify%3Ftoken%3D${other}`])
      await sayAt(url.href + change, 'by-address');
    await sayAt(url.href.replace(/\/\?/, `/${second}?`), 'by-path');
    expect(await sayAt(url.href.replace(/token=.*/, `token=${forged}`), 'forged')).toBe('refused');
    expect(await logOf(demo, first)).toContain('You said: by-token');
    expect(await logOf(demo, second)).not.toContain('You said');
    await expect(consoleOf(demo, stranger)).rejects.toThrow(/404/);

    // Through the dashboard: by one's own session, one's own servers.
    const { page, context } = await open();
    await signIn(page, person.name, person.password);
    const sayIn = (id: string, words: string): Promise<string> =>
      page.evaluate(`new Promise((resolve) => {
        const socket = new WebSocket(location.origin.replace('http', 'ws') + '/dashboard/api/console/serial/${id}', ['binary']);
        let heard = '';
        socket.binaryType = 'arraybuffer';
        socket.onopen = () => socket.send(new TextEncoder().encode('${words}\\r'));
        socket.onmessage = ({ data }) => {
          heard += new TextDecoder().decode(data);
          if (heard.includes('You said: ${words}')) { resolve('heard'); socket.close(); }
        };
        socket.onerror = () => resolve('refused');
      })`);
    expect(await sayIn(first, 'by-session')).toBe('heard');
    expect(await sayIn(stranger, 'by-session')).toBe('refused');
    const why = await page.evaluate(`fetch('/dashboard/api/console/serial/${stranger}').then((it) => it.status)`);
    expect(why).toBe(404);
    // A token outlives neither the server nor the right to it.
    const before = await consoleOf(demo, second);
    await demo.ask('compute', 'DELETE', `/servers/${second}`);
    await eventually('it is gone', () =>
      demo.ask('compute', 'GET', `/servers/${second}`).then(
        () => false,
        () => true,
      ),
    );
    expect(await sayAt(before.href, 'too-late')).toBe('refused');
    expect(await sayIn(second, 'too-late')).toBe('refused');
    expect(await logOf(admin, stranger)).not.toContain('You said');
    await context.close();
  });
});

const newer = { 'openstack-api-version': 'compute 2.53' };

interface Made {
  readonly id: string;
}
interface Named extends Made {
  readonly name: string;
}
interface Look {
  readonly text: string;
  readonly links: string[];
  readonly run: string | null;
}
interface SessionAnswer {
  readonly signedIn: boolean;
  readonly csrf: string;
  readonly user?: Named;
  readonly project?: Named;
}

type Places = readonly (readonly [path: string, text: string])[];

/** Where the names must stand, as they are. */
const projectPlaces = [
  ['/', hostileName('server')],
  ['/instances', hostileName('server')],
  ['/instances/$id', hostileName('server')],
  ['/images', hostileName('image')],
  ['/images/$id', hostileName('image')],
  ['/server-groups', hostileName('server-group')],
  ['/volumes', hostileName('volume')],
  ['/volumes/$id', hostileName('volume')],
  ['/snapshots', hostileName('snapshot')],
  ['/backups', hostileName('backup')],
  ['/networks', hostileName('network')],
  ['/networks/$id', hostileName('subnet')],
  ['/networks/$id', hostileName('port')],
  ['/routers', hostileName('router')],
  ['/routers/$id', hostileName('router')],
  ['/security-groups', hostileName('security-group')],
  ['/security-groups/$id', hostileName('security-group')],
  ['/floating-ips', hostileName('server')],
  ['/topology', hostileName('network')],
  ['/launch', hostileName('flavor')],
] as const;
const adminPlaces = [
  ['/admin/instances', hostileName('server')],
  ['/admin/volumes', hostileName('volume')],
  ['/admin/networks', hostileName('network')],
  ['/admin/images', hostileName('image')],
  ['/admin/flavors', hostileName('flavor')],
  ['/admin/aggregates', hostileName('aggregate')],
  ['/admin/projects', hostileShortName('project')],
  ['/admin/users', hostileName('user')],
  ['/admin/users/$id', hostileName('user')],
  ['/admin/roles', hostileName('role')],
  ['/admin/operations', hostileName('server')],
] as const;

/** What a `$name` in a screen's address stands for. */
function thingAt(path: string, things: HostileThings): string {
  const kinds: Readonly<Record<string, string>> = {
    '/instances/$id': 'server',
    '/images/$id': 'image',
    '/volumes/$id': 'volume',
    '/networks/$id': 'network',
    '/routers/$id': 'router',
    '/security-groups/$id': 'group',
    '/admin/nodes/$host': 'host',
    '/admin/projects/$id': 'project',
    '/admin/users/$id': 'user',
  };
  const kind = kinds[path];
  if (kind === undefined && path.includes('$')) throw new Error(`There is nothing hostile to show at ${path}: make it`);
  return things[kind ?? ''] ?? '';
}

/** The window's page, at the console. */
async function at({ page }: Window): Promise<Page> {
  await page.goto('/dashboard/');
  return page;
}

/** Requests of a page that are on their way; streams aside. */
function inFlight(page: Page): () => number {
  const open = new Set<object>();
  let quietSince = performance.now();
  page.on('request', (request) => {
    if (request.resourceType() !== 'eventsource' && request.resourceType() !== 'websocket') open.add(request);
  });
  const ended = (request: object): void => {
    open.delete(request);
    quietSince = performance.now();
  };
  page.on('requestfinished', ended);
  page.on('requestfailed', ended);
  return () => (performance.now() - quietSince > 80 ? open.size : 1);
}

/** What of a project another site might change. */
async function stateOf({ ask }: Client): Promise<unknown> {
  const lists = [
    ['compute', '/servers/detail', 'servers'],
    ['compute', '/os-keypairs', 'keypairs'],
    ['image', '/v2/images', 'images'],
    ['network', '/v2.0/networks', 'networks'],
    ['network', '/v2.0/security-groups', 'security_groups'],
    ['volumev3', '/volumes/detail', 'volumes'],
    ['volumev3', '/snapshots/detail', 'snapshots'],
  ] as const;
  const found: unknown[] = [];
  for (const [type, path, key] of lists) found.push((await ask(type, 'GET', path))[key]);
  return found;
}

/** Every route of the dashboard that changes something, with what it would change; and those that tell something. */
function everyAttack(things: HostileThings): readonly Attack[] {
  const proxy = '/dashboard/api/proxy';
  return [
    { method: 'GET', path: '/dashboard/api/session' },
    { method: 'POST', path: '/dashboard/api/session', body: { username: 'demo', password: 'wrong' } },
    { method: 'DELETE', path: '/dashboard/api/session' },
    { method: 'PUT', path: '/dashboard/api/session/scope', body: { region: 'regionOne' } },
    { method: 'GET', path: `${proxy}/compute/servers/detail` },
    { method: 'POST', path: `${proxy}/compute/servers/${things['server']}/action`, body: { lock: {} } },
    { method: 'PUT', path: `${proxy}/compute/servers/${things['server']}`, body: { server: { name: 'stolen' } } },
    { method: 'DELETE', path: `${proxy}/compute/servers/${things['server']}` },
    { method: 'POST', path: `${proxy}/compute/os-keypairs`, body: { keypair: { name: 'stolen' } } },
    {
      method: 'PATCH',
      path: `${proxy}/image/images/${things['image']}`,
      body: [{ op: 'replace', path: '/name', value: 'x' }],
    },
    { method: 'PUT', path: `${proxy}/image/images/${things['image']}/file`, body: {} },
    { method: 'DELETE', path: `${proxy}/image/images/${things['image']}` },
    { method: 'POST', path: `${proxy}/network/networks`, body: { network: { name: 'stolen' } } },
    { method: 'PUT', path: `${proxy}/network/networks/${things['network']}`, body: { network: { name: 'stolen' } } },
    { method: 'DELETE', path: `${proxy}/network/security-groups/${things['group']}` },
    { method: 'POST', path: `${proxy}/volume/volumes`, body: { volume: { name: 'stolen', size: 1 } } },
    { method: 'PUT', path: `${proxy}/volume/volumes/${things['volume']}`, body: { volume: { name: 'stolen' } } },
    { method: 'DELETE', path: `${proxy}/volume/volumes/${things['volume']}` },
    {
      method: 'POST',
      path: `${proxy}/identity/users/me/password`,
      body: { user: { password: 'stolen', original_password: 'x' } },
    },
    { method: 'PATCH', path: `${proxy}/identity/users/me`, body: { user: { name: 'stolen' } } },
    { method: 'GET', path: `${proxy}/event/events/stream` },
    { method: 'POST', path: `${proxy}/event/events`, body: {} },
    { method: 'GET', path: `/dashboard/api/console/vnc/${things['server']}` },
    { method: 'GET', path: `/dashboard/api/console/serial/${things['server']}` },
  ];
}

/** Where an answer leads, with the path sent as it is written. */
const locationOf = (base: string, path: string): Promise<string | null> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base);
    get({ hostname, port, path }, (answer) => {
      answer.resume();
      resolve(answer.headers.location ?? null);
    }).on('error', reject);
  });

/** Types at a console that its token alone opens. */
const sayAt = (url: string, words: string): Promise<'heard' | 'refused'> =>
  new Promise((resolve) => {
    const socket = new WebSocket(url, ['binary']);
    let heard = '';
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => socket.send(new TextEncoder().encode(`${words}\r`));
    socket.onmessage = ({ data }) => {
      heard += new TextDecoder().decode(data as ArrayBuffer);
      if (!heard.includes(`You said: ${words}`)) return;
      resolve('heard');
      socket.close();
    };
    socket.onerror = () => resolve('refused');
  });

/** What a guest's serial line has seen, as Nova tells it. */
const logOf = async ({ ask }: Client, id: string): Promise<string> =>
  (await ask<{ output: string }>('compute', 'POST', `/servers/${id}/action`, { 'os-getConsoleOutput': {} })).output;
