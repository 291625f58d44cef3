import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { hasChromium, openBrowser, openWindow, picture, signIn, type Window } from '../../fixtures/browser.ts';
import { cloudAt, eventually, type Cloud } from '../../fixtures/cloud.ts';
import { consoleOf } from '../../fixtures/console-cloud.ts';
import { inGuest } from '../../fixtures/guest.ts';

const state = inject('cloudState');
if (!hasChromium() && process.env['CI'])
  throw new Error('The console is tested in /usr/bin/chromium, which is missing');

// One person's way through the console, from the sign-in to a guest that is reached from outside; nothing is ever reloaded.
describe.skipIf(state === null || !hasChromium())('the console', () => {
  let cloud: Cloud;
  let browser: Browser;
  let window: Window;
  let page: Page;
  let folder: string;

  const nav = (name: string): Promise<void> =>
    page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
  const button = (name: string | RegExp) =>
    page.getByRole('button', { name, ...(typeof name === 'string' && { exact: true }) });
  const dialog = () => page.getByRole('dialog').last();
  const submit = (name: string | RegExp): Promise<void> =>
    dialog()
      .getByRole('button', { name, ...(typeof name === 'string' && { exact: true }) })
      .last()
      .click();
  const act = async (name: string | RegExp): Promise<void> => {
    await button('Actions').click();
    await page.getByRole('menuitem', { name }).first().click();
  };
  const tab = (name: string): Promise<void> => page.getByRole('tab', { name, exact: true }).click();
  const field = (name: string | RegExp) => dialog().getByLabel(name).first();
  const told = (words: string | RegExp): Promise<void> =>
    page.locator('.mantine-Notification-root', { hasText: words }).first().waitFor({ timeout: 60_000 });

  beforeAll(async () => {
    cloud = cloudAt(state as string);
    browser = await openBrowser();
    folder = mkdtempSync(join(tmpdir(), 'igloo-console-'));
    const base = await consoleOf(cloud);
    window = await openWindow(browser, base, { tour: true });
    page = window.page;
    page.setDefaultTimeout(20_000);
    const answers = async (): Promise<boolean> => (await fetch(`${base}/dashboard/`)).status === 200;
    await eventually('the console is built', answers, 120_000);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
    if (!cloud) return;
    await takeBack();
  }, 180_000);

  /** What other tests on this cloud would stumble over. */
  async function takeBack(): Promise<void> {
    const demo = (...argv: string[]): Promise<string> => cloud.openstack('demo', ...argv).catch(() => '');
    const ids = async (...argv: string[]): Promise<string[]> =>
      (await demo(...argv, '-f', 'value', '-c', 'ID')).split('\n').filter(Boolean);
    await demo('server', 'delete', '--wait', 'web-1', 'whale');
    await demo('volume', 'delete', 'data');
    await demo('keypair', 'delete', 'laptop');
    await demo('router', 'remove', 'subnet', 'back-router', 'back-net-subnet');
    await demo('router', 'delete', 'back-router');
    await demo('network', 'delete', 'back-net');
    for (const id of await ids('floating', 'ip', 'list')) await demo('floating', 'ip', 'delete', id);
    for (const protocol of ['tcp', 'icmp'])
      for (const id of await ids('security', 'group', 'rule', 'list', 'default', '--protocol', protocol))
        await demo('security', 'group', 'rule', 'delete', id);
    await cloud.openstack('admin', 'flavor', 'delete', 'giant').catch(() => '');
    await cloud.openstack('admin', 'quota', 'set', '--ram', '51200', 'demo').catch(() => '');
  }

  it('lets demo in, and shows the first steps', async () => {
    const { OS_PASSWORD = '' } = await cloud.environment('demo');
    await page.goto('/dashboard/');
    await button('Sign in').waitFor();
    await picture(page, 'sign-in');
    await signIn(page, 'demo', OS_PASSWORD);
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    await page.getByRole('region', { name: 'First steps' }).waitFor();
    await picture(page, 'tour');
    for (let step = 1; step < 5; step++) await button('Next').click();
    await button('Done').click();
    await nav('Overview');
    await page.getByTestId('live').filter({ hasText: 'Live' }).waitFor();
    await page.evaluate('globalThis.neverReloaded = true');
  });

  it('makes a key pair in the browser, and opens ssh and ping', async () => {
    await nav('Key pairs');
    await button('New key pair').first().click();
    await field('Name').fill('laptop');
    await picture(page, 'key-pair-new');
    const download = page.waitForEvent('download');
    await submit('Generate and download');
    await (await download).saveAs(join(folder, 'laptop.pem'));
    await chmod(join(folder, 'laptop.pem'), 0o600);
    await submit('I have it');
    await page.getByRole('table').getByText('laptop').first().waitFor();
    await nav('Security groups');
    await page.getByRole('link', { name: 'default', exact: true }).click();
    for (const preset of ['SSH', 'Ping']) {
      await button('Add rule').first().click();
      await dialog().getByText(preset, { exact: true }).click();
      await submit(/^Add rule|^Add \d+ rules/);
      await dialog().waitFor({ state: 'detached' });
    }
    await page
      .getByText(/may reach .*SSH/)
      .first()
      .waitFor();
    await picture(page, 'security-group');
  });

  it('launches a guest on one page, which becomes active by itself', async () => {
    await nav('Instances');
    await page.getByRole('link', { name: 'Launch', exact: false }).first().click();
    await page.getByLabel('Name').first().fill('web-1');
    await page.getByRole('radio', { name: 'm1.tiny' }).check();
    await page.getByText(/Fits/).first().waitFor();
    await picture(page, 'launch');
    await button('Launch').click();
    await page.getByRole('heading', { name: 'web-1', level: 1 }).waitFor();
    await page.locator('[title=ACTIVE]').first().waitFor({ timeout: 90_000 });
    await picture(page, 'instance');
    expect(await page.evaluate('globalThis.neverReloaded')).toBe(true);
  });

  it('shows its screen: one logs in by keyboard, pastes a command, and sees it in the log', async () => {
    await tab('Log');
    await page.getByText('login:').first().waitFor({ timeout: 120_000 });
    await picture(page, 'log');
    await tab('Console');
    const screen = page.getByRole('application', { name: 'Screen of web-1' });
    await screen.waitFor({ timeout: 60_000 });
    await page.getByText('Connected').first().waitFor();
    await screen.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('cirros\n', { delay: 30 });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await page.keyboard.type('gocubsgo\n', { delay: 30 });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await button('Paste text').click();
    await page.getByLabel(/Text that is typed/).fill('echo "Pasted: $((40+2)) & {OK}" | sudo tee /dev/ttyS0\n');
    await button('Type it').click();
    await page.getByText(/\d+ characters typed/).waitFor({ timeout: 60_000 });
    await picture(page, 'console-vnc');
    await tab('Log');
    await page.getByText('Pasted: 42 & {OK}').first().waitFor({ timeout: 30_000 });
  });

  it('has a serial terminal, metrics and a log of operations', async () => {
    await tab('Console');
    await page.getByText('Serial terminal', { exact: true }).first().click();
    await page.locator('.xterm').waitFor();
    await page.locator('.xterm').click();
    await page.keyboard.press('Enter');
    await page
      .locator('.xterm-rows')
      .getByText(/login:|\$/)
      .first()
      .waitFor({ timeout: 30_000 });
    await picture(page, 'console-serial');
    await tab('Metrics');
    await page.locator('canvas').first().waitFor();
    await new Promise((resolve) => setTimeout(resolve, 6000));
    await picture(page, 'metrics');
    await tab('Operations');
    await page.locator('#content').getByText('Launch').first().waitFor();
    await picture(page, 'instance-operations');
    expect(window.troubles).toEqual([]);
  });

  it('gives it a floating IP, by which ssh gets in', async () => {
    await act(/Associate a floating IP|floating IP/i);
    await submit(/^Associate/);
    await dialog().waitFor({ state: 'detached' });
    await tab('Overview');
    const [floating] = await cloud.json<{ 'Floating IP Address': string }[]>('demo', 'floating', 'ip', 'list');
    const address = floating?.['Floating IP Address'] as string;
    await page.locator('main').getByText(address).first().waitFor();
    expect(await inGuest(join(folder, 'laptop.pem'), address, 'hostname')).toBe('web-1');
    await nav('Floating IPs');
    await page.getByText(address).first().waitFor();
    await picture(page, 'floating-ips');
  });

  it('creates a volume and attaches it', async () => {
    await nav('Volumes');
    await button('Create volume').first().click();
    await field('Name').fill('data');
    await picture(page, 'volume-new');
    await submit('Create');
    await told('data is available');
    await button('Actions on data').click();
    await page.getByRole('menuitem', { name: 'Attach', exact: true }).click();
    await submit('Attach');
    await told('data is attached to web-1');
    await page.getByRole('link', { name: 'web-1 as /dev/vdb' }).waitFor();
    await picture(page, 'volumes');
  });

  it('creates a network and a router, and shows them in the topology', async () => {
    await nav('Networks');
    await button('Create network').first().click();
    await field(/^Name/).fill('back-net');
    await field('Network address').fill('10.77.0.0/24');
    await picture(page, 'network-new');
    await submit('Create');
    await page.getByRole('heading', { name: 'back-net', level: 1 }).waitFor();
    await page.getByRole('table').getByText('back-net-subnet').waitFor();
    await nav('Routers');
    await button('Create router').first().click();
    await field(/^Name/).fill('back-router');
    await submit('Create');
    await page.getByRole('heading', { name: 'back-router', level: 1 }).waitFor();
    await button('Add interface').first().click();
    await page.getByRole('option', { name: /back-net/ }).click();
    await submit('Add interface');
    await dialog().waitFor({ state: 'detached' });
    await page.getByText('10.77.0.1').first().waitFor();
    await picture(page, 'router');
    await nav('Topology');
    for (const name of ['back-net', 'back-router', 'web-1', 'demo-net', 'ext-net'])
      await page.locator('main').getByText(name).first().waitFor();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await picture(page, 'topology');
  });

  it('says of a launch that cannot fit why, host by host', async () => {
    await cloud.openstack('admin', 'flavor', 'create', '--ram', '9000000', '--disk', '1', '--vcpus', '1', 'giant');
    await cloud.openstack('admin', 'quota', 'set', '--ram', '99999999', 'demo');
    await nav('Instances');
    await page.getByRole('link', { name: 'Launch', exact: false }).first().click();
    await page.getByLabel('Name').first().fill('whale');
    await page.getByRole('radio', { name: 'giant' }).check();
    await button('Why giant does or does not fit').click();
    await page
      .getByText(/RamFilter/)
      .first()
      .waitFor();
    await picture(page, 'launch-does-not-fit');
    await button('Launch anyway').click();
    await page.getByRole('heading', { name: 'whale', level: 1 }).waitFor();
    await page.locator('[title=ERROR]').first().waitFor({ timeout: 60_000 });
    await page
      .getByText(/RamFilter/)
      .first()
      .waitFor();
    await picture(page, 'instance-failed');
  });

  it('finds everything by Ctrl-K, and signs out', async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('web-1');
    await page.getByRole('option', { name: /web-1/ }).waitFor();
    await picture(page, 'palette');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'web-1', level: 1 }).waitFor();
    expect(await page.evaluate('globalThis.neverReloaded')).toBe(true);
    expect(window.troubles).toEqual([]);
    await button('demo').last().click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await button('Sign in').waitFor();
    const answer = await page.request.get('/dashboard/api/proxy/compute/servers');
    expect(answer.status()).toBe(401);
  });
});
