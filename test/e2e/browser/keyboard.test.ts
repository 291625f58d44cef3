import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { hasChromium, openBrowser, openWindow } from '../../fixtures/browser.ts';
import { cloudAt, type Cloud } from '../../fixtures/cloud.ts';
import { consoleOf } from '../../fixtures/console-cloud.ts';

const state = inject('cloudState');

// No mouse, no script's click: from the sign-in to a guest with a floating IP.
describe.skipIf(state === null || !hasChromium())('the console by keyboard alone', () => {
  let cloud: Cloud;
  let browser: Browser;
  let page: Page;

  const press = (key: string): Promise<void> => page.keyboard.press(key);
  const type = (text: string): Promise<void> => page.keyboard.type(text, { delay: 10 });
  const focused = (target: Locator): Promise<boolean> =>
    target
      .first()
      .evaluate(
        (element) =>
          element === (globalThis as unknown as { document: { activeElement: unknown } }).document.activeElement,
      );

  /** Goes on by a key until the target has the focus. @throws Error when it is not reached in 120 steps */
  async function reach(target: Locator, key = 'Tab'): Promise<void> {
    await target.first().waitFor({ timeout: 20_000 });
    for (let step = 0; step < 120; step++) {
      if (await focused(target)) return;
      await press(key);
    }
    throw new Error(`The keyboard does not reach ${String(target)}`);
  }
  const choose = async (target: Locator, key = 'Tab'): Promise<void> => {
    await reach(target, key);
    await press('Enter');
  };
  /** By the palette: from anywhere to a screen. */
  async function goTo(name: string): Promise<void> {
    await press('Control+k');
    await page.getByRole('combobox').first().waitFor();
    await type(name);
    await page.getByRole('option', { name }).first().waitFor();
    await press('Enter');
    await page.getByRole('combobox').first().waitFor({ state: 'detached' });
  }

  beforeAll(async () => {
    cloud = cloudAt(state as string);
    browser = await openBrowser();
    ({ page } = await openWindow(browser, await consoleOf(cloud)));
  });
  afterAll(async () => {
    await browser?.close();
    await cloud?.openstack('demo', 'server', 'delete', '--wait', 'by-keys').catch(() => undefined);
  });

  it('signs in', async () => {
    const { OS_PASSWORD = '' } = await cloud.environment('demo');
    await page.goto('/dashboard/');
    await reach(page.getByLabel('User name'));
    await type('demo');
    await press('Tab');
    await type(OS_PASSWORD);
    await press('Enter');
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    await choose(page.getByRole('link', { name: 'Skip to the content' }));
  });

  it('launches, and watches it become active', async () => {
    await goTo('Launch instances');
    await page.getByRole('heading', { name: 'Launch instances', level: 1 }).waitFor();
    await reach(page.getByLabel('Name').first());
    await type('by-keys');
    await page.getByText('Fits').first().waitFor();
    await press('Control+Enter');
    await page.getByRole('heading', { name: 'by-keys', level: 1 }).waitFor();
    await page.locator('[title=ACTIVE]').first().waitFor({ timeout: 90_000 });
  });

  it('uses its screen and gets out of it again, pastes, and reads the log', async () => {
    await reach(page.getByRole('tab', { name: 'Overview' }));
    await press('ArrowRight');
    await press('ArrowRight');
    expect(await focused(page.getByRole('tab', { name: 'Log' }))).toBe(true);
    await press('Enter');
    await page.getByText('login:').first().waitFor({ timeout: 120_000 });
    await reach(page.getByRole('tab', { name: 'Log' }), 'Shift+Tab');
    await press('ArrowLeft');
    await press('Enter');
    const screen = page.getByRole('application', { name: 'Screen of by-keys' });
    await page.getByText('Connected').first().waitFor({ timeout: 30_000 });
    await reach(screen);
    for (const line of ['', 'cirros', 'gocubsgo']) {
      await page.keyboard.type(`${line}\n`, { delay: 30 });
      await new Promise((resolve) => setTimeout(resolve, 1500));
    }
    await press('Control+Alt+Shift');
    expect(await focused(screen)).toBe(false);
    await choose(page.getByRole('button', { name: 'Paste text' }));
    await reach(page.getByLabel(/Text that is typed/));
    await type('echo keys-$((6*7)) | sudo tee /dev/ttyS0');
    await press('Enter');
    await choose(page.getByRole('button', { name: 'Type it' }));
    await page.getByText(/\d+ characters typed/).waitFor({ timeout: 30_000 });
    await press('Control+Alt+Shift');
    await reach(page.getByRole('tab', { name: 'Console' }), 'Shift+Tab');
    await press('ArrowRight');
    await press('Enter');
    await page.getByText('keys-42').first().waitFor({ timeout: 30_000 });
  });

  it('gives it a floating IP', async () => {
    await choose(page.getByRole('button', { name: 'Actions' }), 'Shift+Tab');
    const item = page.getByRole('menuitem', { name: 'Associate a floating IP' });
    await choose(item, 'ArrowDown');
    const dialog = page.getByRole('dialog');
    await choose(dialog.getByRole('button', { name: 'Associate a floating IP' }));
    await dialog.waitFor({ state: 'detached' });
    const [floating] = await cloud.json<{ 'Floating IP Address': string; 'Fixed IP Address': string | null }[]>(
      'demo',
      'floating',
      'ip',
      'list',
      '--status',
      'ACTIVE',
    );
    expect(floating?.['Fixed IP Address']).toMatch(/^\d/);
  });

  it('signs out', async () => {
    await reach(page.getByRole('button', { name: 'demo', exact: true }), 'Shift+Tab');
    await press('Enter');
    await choose(page.getByRole('menuitem', { name: 'Sign out' }), 'ArrowDown');
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  });
});
