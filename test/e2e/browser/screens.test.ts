import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  goTo,
  hasChromium,
  openBrowser,
  openWindow,
  picture,
  seriousViolations,
  signIn,
  type Window,
} from '../../fixtures/browser.ts';
import { cloudAt, eventually, type Cloud } from '../../fixtures/cloud.ts';
import { consoleOf, screensOf, type ScreenLine } from '../../fixtures/console-cloud.ts';

const state = inject('cloudState');

// Every screen, as the administrator sees it (all of them): nothing refused by the content security policy, no error, nothing
// serious for axe-core, nothing wider than the window; in both languages, light and dark, and on a phone.
describe.skipIf(state === null || !hasChromium())('every screen of the console', () => {
  let cloud: Cloud;
  let browser: Browser;
  let base: string;
  let password: string;
  let screens: readonly ScreenLine[];
  /** What a `$name` in an address stands for here. */
  const known = new Map<string, string>();

  const id = async (...argv: string[]): Promise<string> =>
    (await cloud.openstack('admin', ...argv, '-f', 'value', '-c', 'id')).trim();

  beforeAll(async () => {
    cloud = cloudAt(state as string);
    base = await consoleOf(cloud);
    password = (await cloud.environment('admin'))['OS_PASSWORD'] ?? '';
    browser = await openBrowser();
    screens = await screensOf();
    await cloud.openstack('admin', 'network', 'create', 'seen-net');
    await cloud.openstack(
      'admin',
      'subnet',
      'create',
      '--network',
      'seen-net',
      '--subnet-range',
      '10.78.0.0/24',
      'seen-subnet',
    );
    const [image, user, project, router, network, volume] = await Promise.all([
      id('image', 'show', 'cirros'),
      id('user', 'show', 'demo'),
      id('project', 'show', 'demo'),
      id('router', 'create', 'seen-router'),
      id('network', 'show', 'seen-net'),
      id('volume', 'create', '--size', '1', 'seen-volume'),
    ]);
    const group = await id('security', 'group', 'create', 'seen-group');
    const boot = ['--image', 'cirros', '--flavor', 'm1.tiny', '--network', 'seen-net', '--wait', 'seen-server'];
    const server = await id('server', 'create', ...boot);
    const host =
      (await cloud.openstack('admin', 'compute', 'service', 'list', '-f', 'value', '-c', 'Host')).split('\n')[0] ?? '';
    for (const [path, what] of [
      ['/instances/$id', server],
      ['/images/$id', image],
      ['/volumes/$id', volume],
      ['/networks/$id', network],
      ['/routers/$id', router],
      ['/security-groups/$id', group],
      ['/admin/nodes/$host', host],
      ['/admin/projects/$id', project],
      ['/admin/users/$id', user],
    ] as const)
      known.set(path, path.replace(/\$\w+/, what));
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    if (!cloud) return;
    const remove = (...argv: string[]): Promise<unknown> => cloud.openstack('admin', ...argv).catch(() => undefined);
    await remove('server', 'delete', '--wait', 'seen-server');
    await Promise.all([
      remove('volume', 'delete', 'seen-volume'),
      remove('router', 'delete', 'seen-router'),
      remove('network', 'delete', 'seen-net'),
      remove('security', 'group', 'delete', 'seen-group'),
    ]);
  });

  const addressOf = ({ path }: ScreenLine): string => {
    const address = path.includes('$') ? known.get(path) : path;
    if (address === undefined) throw new Error(`There is nothing to show at ${path}: make it in this test`);
    return address;
  };
  const nameOf = ({ path }: ScreenLine): string =>
    path.slice(1).replace(/\$\w+/, 'one').replaceAll('/', '-') || 'overview';

  /** Waits until nothing is being loaded any more. */
  const settled = async ({ page }: Window): Promise<void> => {
    await page.locator('h1').first().waitFor();
    await eventually(
      'nothing loads',
      async () => (await page.locator('main [aria-busy=true], main .mantine-Loader-root').count()) === 0,
      5000,
    ).catch(
      () => undefined, // A status that goes on turns for as long as it does.
    );
    await new Promise((resolve) => setTimeout(resolve, 250));
  };
  const overflow = ({ page }: Window): Promise<number> =>
    page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

  /** Panels move for a moment after the window's size has changed. */
  const tooWide = async (window: Window): Promise<string[]> => {
    let pixels = await overflow(window);
    for (let turn = 0; turn < 10 && pixels > 0; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      pixels = await overflow(window);
    }
    return pixels > 0 ? [`wider than the window by ${pixels} px`] : [];
  };
  const desk = { width: 1280, height: 800 };
  const phone = { width: 390, height: 844 };
  /** Some are enough to see how it looks; all are checked. */
  const onPhone = new Set(['/', '/instances', '/instances/$id', '/launch', '/topology', '/admin/nodes']);

  /** Opens each screen, also as on a phone, and gathers what is wrong with it. */
  async function walk(window: Window, prefix: string): Promise<Record<string, unknown>> {
    const { page, troubles } = window;
    const wrong: Record<string, unknown> = {};
    for (const screen of screens) {
      await goTo(page, addressOf(screen));
      await settled(window);
      await picture(page, `${prefix}${nameOf(screen)}`);
      const found = [...troubles.splice(0), ...(await seriousViolations(page)), ...(await tooWide(window))];
      await page.setViewportSize(phone);
      found.push(...(await tooWide(window)).map((words) => `on a phone: ${words}`));
      if (prefix === 'en/' && onPhone.has(screen.path)) await picture(page, `phone/${nameOf(screen)}`);
      await page.setViewportSize(desk);
      if (found.length > 0) wrong[screen.path] = found;
    }
    return wrong;
  }

  it('is sound in English, light', async () => {
    const window = await openWindow(browser, base);
    await signIn(window.page, 'admin', password);
    expect(await walk(window, 'en/')).toEqual({});
    await window.context.close();
  });

  it('is sound in Chinese, dark', async () => {
    const window = await openWindow(browser, base, { locale: 'zh-CN', dark: true });
    await window.page.goto('/dashboard/');
    await window.page.getByRole('button', { name: '登录' }).waitFor();
    await picture(window.page, 'zh-CN/sign-in');
    await signIn(window.page, 'admin', password);
    expect(await walk(window, 'zh-CN/')).toEqual({});
    await window.context.close();
  });
});
