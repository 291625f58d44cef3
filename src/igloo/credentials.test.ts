import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '#common/host/run.ts';
import { exportLines, writeCredentials } from './credentials.ts';
import { loadSecrets, stateFolder } from './state.ts';

const folder = mkdtempSync(join(tmpdir(), 'igloo-credentials-'));
const state = stateFolder(folder);
afterAll(() => rmSync(folder, { recursive: true }));

describe('credentials', () => {
  const password = `it's "odd" $HOME \\ word`;
  beforeAll(async () => {
    await writeCredentials(state, { authRoot: 'http://127.0.0.1:5000', secrets: await loadSecrets(state, password) });
  });

  it('survive a shell, whatever the password', async () => {
    const lines = exportLines('admin', { authRoot: 'http://127.0.0.1:5000', secrets: await loadSecrets(state) });
    const { stdout } = await run(['sh', '-c', `${lines}printf %s "$OS_PASSWORD"`]);
    expect(stdout).toBe(password);
  });

  it.each(['admin-openrc', 'demo-openrc', 'clouds.yaml', 'secrets.json'])('%s is for its owner only', (name) => {
    expect(statSync(state.path(name)).mode & 0o777).toBe(0o600);
  });

  it('keep the generated passwords, and take a given one', async () => {
    const kept = await loadSecrets(state);
    expect([kept.adminPassword, (await loadSecrets(state)).demoPassword]).toEqual([password, kept.demoPassword]);
    expect((await loadSecrets(state, 'new')).adminPassword).toBe('new');
  });

  it('name both accounts in clouds.yaml', () => {
    const text = readFileSync(state.path('clouds.yaml'), 'utf8');
    expect(text).toMatch(/^clouds:\n {2}admin:\n/);
    expect(text).toContain('      auth_url: "http://127.0.0.1:5000/v3"\n');
  });
});
