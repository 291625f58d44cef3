import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hasProgram } from '#common/host/privileges.ts';
import { goTo, hasChromium, openBrowser, openWindow, signIn, type Window } from '../fixtures/browser.ts';
import { makeDashboardCloud, type Client, type DashboardCloud, type Person } from '../fixtures/dashboard.ts';
import {
  startDashboard,
  startMemcached,
  type DashboardProcess,
  type LocalServer,
} from '../fixtures/dashboard-process.ts';
import { openGateway, type Gateway } from '../fixtures/gateway.ts';

const OFFSET = 2600;

const lacking = [...(hasChromium() ? [] : ['chromium']), ...(hasProgram('memcached') ? [] : ['memcached'])];
const missing = lacking.length > 0 && process.env['CI'] === undefined;
if (missing) console.warn(`Skipped: ${lacking.join(', ')} missing (apt-get install ${lacking.join(' ')})`);

interface Volume {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly description: string | null;
}

// What somebody sees, and keeps, when something under the console fails while they fill in a form.
describe.skipIf(missing)('the console when things fail', () => {
  let here: DashboardCloud;
  let browser: Browser;
  let memcached: LocalServer;
  /** One with its sessions in memcached, one that keeps them itself. */
  let dashboard: DashboardProcess;
  let forgetful: DashboardProcess;
  let cinder: Gateway;
  let admin: Client;
  let projects: { id: string; name: string }[];
  const windows: Window[] = [];
  let people = 0;

  /** A new user with the role `member` in the projects. */
  const newPerson = async (...where: readonly { id: string; name: string }[]): Promise<Person & { id: string }> => {
    const name = `person-${++people}`;
    const password = randomUUID();
    const body = { user: { name, password, default_project_id: where[0]?.id } };
    const { user } = await admin.ask<{ user: { id: string } }>('identity', 'POST', '/users', body);
    const { roles } = await admin.ask<{ roles: { id: string; name: string }[] }>('identity', 'GET', '/roles');
    const role = roles.find((one) => one.name === 'member')?.id;
    for (const { id } of where) await admin.ask('identity', 'PUT', `/projects/${id}/users/${user.id}/roles/${role}`);
    return { id: user.id, name, password, project: where[0]?.name ?? '' };
  };
  const open = async (base: string, { name, password }: Person): Promise<Window> => {
    const window = await openWindow(browser, base);
    windows.push(window);
    window.page.setDefaultTimeout(15_000);
    await signIn(window.page, name, password);
    await window.page.getByTestId('live').getByText('Live').waitFor();
    return window;
  };
  const volumesOf = async (person: Person): Promise<Volume[]> =>
    (await here.clientOf(person).ask<{ volumes: Volume[] }>('volumev3', 'GET', '/volumes/detail')).volumes;

  /** The form of a new volume, filled in but not sent. */
  const fillIn = async (page: Page, name: string): Promise<Locator> => {
    await goTo(page, '/volumes');
    await page.getByRole('button', { name: 'Create volume' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Create volume' });
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByLabel('Size (GiB)').fill('3');
    await dialog.getByLabel('Description').fill('typed with care');
    return dialog;
  };
  const send = (dialog: Locator): Promise<void> => dialog.getByRole('button', { name: 'Create', exact: true }).click();
  /** @returns whether it could be sent: a sign-in form may lie over it already */
  const trySend = (dialog: Locator): Promise<boolean> =>
    dialog
      .getByRole('button', { name: 'Create', exact: true })
      .click({ timeout: 2500 })
      .then(
        () => true,
        () => false,
      );
  const expectTyped = async (dialog: Locator, name: string): Promise<void> => {
    expect(await dialog.getByLabel('Name').inputValue()).toBe(name);
    expect(await dialog.getByLabel('Size (GiB)').inputValue()).toBe('3');
    expect(await dialog.getByLabel('Description').inputValue()).toBe('typed with care');
  };
  /** By the keyboard alone: the form over the page has the focus. */
  const signInOver = async (page: Page, password: string): Promise<void> => {
    const over = page.getByRole('dialog', { name: 'Sign in again' });
    await over.waitFor();
    await expect
      .poll(() =>
        over.locator('input[name=password]').evaluate((it: { matches(s: string): boolean }) => it.matches(':focus')),
      )
      .toBe(true);
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await over.waitFor({ state: 'detached' });
  };
  const expectMade = async (person: Person, name: string): Promise<void> => {
    const made = (await volumesOf(person)).filter((one) => one.name === name);
    expect(made).toEqual([expect.objectContaining({ size: 3, description: 'typed with care' })]);
  };

  beforeAll(async () => {
    here = await makeDashboardCloud(OFFSET);
    admin = here.clientOf(await here.person('admin'));
    projects = (await admin.ask<{ projects: typeof projects }>('identity', 'GET', '/projects')).projects.filter(
      ({ name }) => ['demo', 'admin'].includes(name),
    );
    cinder = await openGateway(8776 + OFFSET);
    await moveVolumesBehind(admin, cinder.port);
    memcached = await startMemcached();
    [dashboard, forgetful] = await Promise.all([startDashboard(here.authUrl, memcached), startDashboard(here.authUrl)]);
    browser = await openBrowser();
  });
  afterEach(async () => {
    for (const { context } of windows.splice(0)) await context.close();
    for (const server of [cinder, memcached, dashboard, forgetful]) await server.up();
  });
  afterAll(async () => {
    await browser?.close();
    for (const server of [dashboard, forgetful, memcached]) await server?.stop();
    await cinder?.down();
    await here?.destroy();
  });
  /** As somebody does who changes the project there and closes it. */
  const moveInAnotherTab = async (context: BrowserContext, projectId: string): Promise<void> => {
    const tab = await context.newPage();
    await tab.goto('/dashboard/');
    await tab.locator('#content h1').first().waitFor();
    const moved = await tab.evaluate(
      `fetch('/dashboard/api/session').then((it) => it.json()).then(({ csrf }) => fetch('/dashboard/api/session/scope', {
        method: 'PUT', headers: { 'content-type': 'application/json', 'x-csrf-token': csrf },
        body: JSON.stringify({ projectId: '${projectId}' }) })).then((it) => it.status)`,
    );
    expect(moved).toBe(200);
    await tab.close();
  };
  const demo = (): { id: string; name: string } => projects.find(({ name }) => name === 'demo') as (typeof projects)[0];

  it('memcached restarted: signs in over the page, and sends what was typed', async () => {
    const person = await newPerson(demo());
    const { page, troubles } = await open(dashboard.base, person);
    const dialog = await fillIn(page, 'after-restart');
    await memcached.restart('SIGKILL');
    await send(dialog);
    await page.getByRole('dialog', { name: 'Sign in again' }).waitFor();
    await expectTyped(dialog, 'after-restart');
    expect((await volumesOf(person)).some(({ name }) => name === 'after-restart')).toBe(false);
    await signInOver(page, person.password);
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'after-restart' }).waitFor();
    await expectMade(person, 'after-restart');
    expect(troubles).toEqual([]);
  });

  it('memcached away: says so, keeps what was typed, and goes on', async () => {
    const person = await newPerson(demo());
    const { page } = await open(dashboard.base, person);
    const dialog = await fillIn(page, 'memcached-away');
    await memcached.down('SIGKILL');
    await send(dialog);
    await dialog.getByRole('alert').getByText('memcached does not answer. What you typed is kept').waitFor();
    await expectTyped(dialog, 'memcached-away');
    // Who comes now is told as well, and need not type the password again.
    const other = await openWindow(browser, dashboard.base);
    windows.push(other);
    await other.page.goto('/dashboard/');
    await other.page.locator('input[name=username]').fill(person.name);
    await other.page.locator('input[name=password]').fill(person.password);
    const enter = other.page.getByRole('button', { name: 'Sign in' });
    await enter.click();
    await other.page
      .getByRole('alert')
      .getByText(/memcached/)
      .waitFor();
    await memcached.up();
    await enter.click();
    await other.page.getByRole('navigation').first().waitFor();
    await send(dialog);
    await signInOver(page, person.password);
    await dialog.waitFor({ state: 'detached' });
    await expectMade(person, 'memcached-away');
  });

  it('an API away: says which, keeps what was typed, and works as soon as it is back', async () => {
    const person = await newPerson(demo());
    const { page, troubles } = await open(dashboard.base, person);
    const dialog = await fillIn(page, 'api-away');
    await cinder.down();
    await send(dialog);
    const alert = dialog.getByRole('alert');
    await alert.getByText(/Block Storage service at .* does not answer/).waitFor();
    expect(await alert.innerText()).toMatch(/What you typed is kept.*Request req-/s);
    await expectTyped(dialog, 'api-away');
    // The rest of the console goes on; the list that cannot be read says why.
    const second = await openWindow(browser, dashboard.base);
    windows.push(second);
    await second.context.addCookies(await page.context().cookies());
    await second.page.goto('/dashboard/networks');
    await second.page.getByRole('link', { name: 'demo-net' }).waitFor();
    await goTo(second.page, '/volumes');
    await second.page
      .getByRole('alert')
      .getByText(/Block Storage/)
      .first()
      .waitFor();
    await cinder.up();
    await send(dialog);
    await dialog.waitFor({ state: 'detached' });
    await expectMade(person, 'api-away');
    await second.page.getByRole('link', { name: 'api-away' }).waitFor();
    expect(await second.page.getByRole('alert').count()).toBe(0);
    expect(troubles).toEqual([]);
  });

  it('the token revoked: signs in over the page, and sends what was typed', async () => {
    const person = await newPerson(demo());
    const { page } = await open(dashboard.base, person);
    const dialog = await fillIn(page, 'token-revoked');
    for (const enabled of [false, true])
      await admin.ask('identity', 'PATCH', `/users/${person.id}`, { user: { enabled } });
    // Services believe a token for some seconds more.
    await expect
      .poll(() => page.evaluate("fetch('/dashboard/api/proxy/volume/volumes').then((it) => it.status)"), {
        timeout: 20_000,
      })
      .toBe(401);
    const sent = await trySend(dialog);
    await page.getByRole('dialog', { name: 'Sign in again' }).waitFor();
    await expectTyped(dialog, 'token-revoked');
    await signInOver(page, person.password);
    if (!sent) await send(dialog);
    await dialog.waitFor({ state: 'detached' });
    await expectMade(person, 'token-revoked');
    await page.getByTestId('live').getByText('Live').waitFor();
  });

  it('signed in again from another project’s tab: stays where the form is', async () => {
    const [first, second] = [demo(), projects.find(({ name }) => name === 'admin') as (typeof projects)[0]];
    const person = await newPerson(first, second);
    const { page, context } = await open(dashboard.base, person);
    const dialog = await fillIn(page, 'two-tabs');
    // Another tab is in the other project, which is where the next sign-in would lead.
    await moveInAnotherTab(context, second.id);
    await memcached.restart('SIGKILL');
    await send(dialog);
    await signInOver(page, person.password);
    await dialog.waitFor({ state: 'detached' });
    await expectMade(person, 'two-tabs');
    expect((await volumesOf({ ...person, project: 'admin' })).map(({ name }) => name)).not.toContain('two-tabs');
  });

  it('another tab changed the project: asks before anything goes there', async () => {
    const [first, second] = [demo(), projects.find(({ name }) => name === 'admin') as (typeof projects)[0]];
    const person = await newPerson(first, second);
    const { page, context } = await open(dashboard.base, person);
    const dialog = await fillIn(page, 'right-project');
    await moveInAnotherTab(context, second.id);
    await send(dialog);
    const asked = page.getByRole('dialog', { name: 'Another tab changed the project' });
    await asked.waitFor();
    await expectTyped(dialog, 'right-project');
    await asked.getByRole('button', { name: 'Stay in demo' }).click();
    await dialog.waitFor({ state: 'detached' });
    await expectMade(person, 'right-project');
    expect((await volumesOf({ ...person, project: 'admin' })).map(({ name }) => name)).not.toContain('right-project');
    // Or this tab goes along.
    await moveInAnotherTab(context, second.id);
    await goTo(page, '/networks');
    await asked.getByRole('button', { name: 'Go to admin' }).click();
    await page.getByRole('button', { name: 'Project: admin' }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('the dashboard killed, its sessions in memcached: nothing is lost but a moment', async () => {
    const person = await newPerson(demo());
    const { page, troubles } = await open(dashboard.base, person);
    const dialog = await fillIn(page, 'killed');
    await dashboard.down('SIGKILL');
    const badge = page.getByTestId('live');
    await badge.getByText('Every 4 s').waitFor();
    await send(dialog);
    await dialog.getByRole('alert').getByText('The dashboard does not answer. What you typed is kept').waitFor();
    await expectTyped(dialog, 'killed');
    await dashboard.up();
    await badge.getByText('Live').waitFor();
    await send(dialog);
    await dialog.waitFor({ state: 'detached' });
    await expectMade(person, 'killed');
    await page.getByRole('link', { name: 'killed' }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(troubles).toEqual([]);
  });

  it('the dashboard killed, its sessions gone with it: signs in over the page', async () => {
    const person = await newPerson(demo());
    const { page } = await open(forgetful.base, person);
    const dialog = await fillIn(page, 'forgotten');
    await forgetful.restart('SIGKILL');
    // The event stream hears it, should the form not be sent sooner.
    const sent = await trySend(dialog);
    await page.getByRole('dialog', { name: 'Sign in again' }).waitFor();
    await expectTyped(dialog, 'forgotten');
    await signInOver(page, person.password);
    if (!sent) await send(dialog);
    await dialog.waitFor({ state: 'detached' });
    await expectMade(person, 'forgotten');
    await page.getByTestId('live').getByText('Live').waitFor();
  });

  it('the network away: the badge says so, and the list catches up', async () => {
    const person = await newPerson(demo());
    const { page, context } = await open(dashboard.base, person);
    const dialog = await fillIn(page, 'network-away');
    const badge = page.getByTestId('live');
    await context.setOffline(true);
    await badge.getByText('Every 4 s').waitFor();
    await send(dialog);
    await dialog.getByRole('alert').getByText('The dashboard does not answer').waitFor();
    await expectTyped(dialog, 'network-away');
    await here.clientOf(person).ask('volumev3', 'POST', '/volumes', { volume: { name: 'made-meanwhile', size: 1 } });
    await context.setOffline(false);
    await badge.getByText('Live').waitFor();
    await send(dialog);
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'made-meanwhile' }).waitFor();
    await page.getByRole('link', { name: 'network-away' }).waitFor();
    await expectMade(person, 'network-away');
  });
});

/** All that find Block Storage by the catalogue come through the port from now on. */
async function moveVolumesBehind(admin: Client, port: number): Promise<void> {
  const { services } = await admin.ask<{ services: { id: string; type: string }[] }>('identity', 'GET', '/services');
  const ids = services.filter(({ type }) => type.startsWith('volume')).map(({ id }) => id);
  const { endpoints } = await admin.ask<{ endpoints: { id: string; service_id: string; url: string }[] }>(
    'identity',
    'GET',
    '/endpoints',
  );
  for (const { id, service_id, url } of endpoints)
    if (ids.includes(service_id))
      await admin.ask('identity', 'PATCH', `/endpoints/${id}`, {
        endpoint: { url: url.replace(/:\d+\//, `:${port}/`) },
      });
}
