import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restOfAccount } from '../../fixtures/account.ts';
import { makeCloud, type Cloud } from '../../fixtures/cloud.ts';
import { identities, makeWalkers, type Identity, type Walker } from './identities.ts';
import { fillPath, makeResources, type Ask, type Resources, type ServiceName } from './resources.ts';
import { routesOf, type OpenApi, type WalkedRoute } from './routes.ts';

// Every route of every service, asked by five identities. verdicts.tsv says what each must get; a route that is not in
// it fails. `UPDATE_VERDICTS=1` writes it anew: read the difference as you would read a change of policy.

const offset = 15_000;
const services: Readonly<Record<ServiceName, number>> = {
  keystone: 5000,
  glance: 9292,
  nova: 8774,
  neutron: 9696,
  cinder: 8776,
  events: 8790,
};
// Keystone last: an administrator's walk through it removes the member.
const names: readonly ServiceName[] = ['cinder', 'glance', 'nova', 'neutron', 'events', 'keystone'];
const verdictFile = join(import.meta.dirname, 'verdicts.tsv');

/** What is the same for all projects, though one is named. */
const shared = ['/defaults'];

/** Those that say so with a 5xx: certificates that were not made (the manual's section 2.2.2), a program that is not installed. */
const excused = /certificates|OS-SIMPLE-CERT|OS-PKI|os-fping/;

/** Who may do what, in a word: `ok`, also where the state of things forbids it just now; else the status. */
const verdictOf = (status: number): string => (status < 400 || status === 409 ? 'ok' : String(status));
/** Who has a right gets past it, whatever then becomes of a body that is a mere sample. */
const allowed: ReadonlySet<Identity> = new Set(['member', 'admin']);
const verdictFor = (who: Identity, status: number): string =>
  allowed.has(who) && (status === 400 || status === 404) ? 'ok' : verdictOf(status);

/** The whole answer; of a stream, which has no end, nothing. */
async function textOf(answer: Response): Promise<string> {
  if (!answer.headers.get('content-type')?.startsWith('text/event-stream')) return answer.text();
  await answer.body?.cancel();
  return '';
}

describe('every route', () => {
  let cloud: Cloud;
  let walkers: Record<Identity, Walker>;
  let resources: Resources;
  const seen = new Map<string, string[]>();
  const intruded: string[] = [];
  const leaks: string[] = [];
  const routes = new Map<ServiceName, readonly WalkedRoute[]>();

  const base = (service: ServiceName): string => `http://127.0.0.1:${services[service] + offset}`;
  const send = (
    service: ServiceName,
    walker: Walker,
    method: string,
    path: string,
    body: unknown,
    version: string | null = null,
  ): Promise<Response> =>
    fetch(base(service) + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(walker.token !== null && { 'x-auth-token': walker.token }),
        ...(version !== null && {
          'openstack-api-version': `${service === 'cinder' ? 'volume' : 'compute'} ${version}`,
        }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const asking =
    (who: Identity): Ask =>
    async (service, method, path, body) => {
      const answer = await send(service, walkers[who], method, path, body);
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: HTTP ${answer.status}: ${text}`);
      return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    };

  beforeAll(async () => {
    cloud = await makeCloud(['--virt', 'fake', '--network', 'fake', '--port-offset', String(offset)]);
    await cloud.up();
    const rc = await cloud.environment('admin');
    const identity = await restOfAccount(cloud.stateDir, 'admin', 'identity');
    walkers = await makeWalkers(identity, rc['OS_AUTH_URL'] ?? '', { password: rc['OS_PASSWORD'] ?? '' });
    resources = await makeResources(asking('member'), asking('admin'), walkers.member, 'walk');
    for (const service of names)
      routes.set(service, routesOf((await (await fetch(`${base(service)}/openapi.json`)).json()) as OpenApi));
  });
  afterAll(() => cloud.igloo('destroy', '--yes'));

  // The ones who may do nothing come first: what they change would be a finding of its own.
  it.each(identities)(
    'is asked by %s',
    async (who) => {
      const walker = walkers[who];
      for (const service of names) {
        // Who may remove things gets new ones for each service.
        if (who === 'member' || who === 'admin')
          resources = await makeResources(asking('member'), asking('admin'), walkers.member, `${who}-${service}`);
        const secrets = [...resources.own];
        for (const route of routes.get(service) ?? []) {
          const path = fillPath(route.path, service, resources, walker);
          const answer = await send(service, walker, route.method, path, route.body, route.version);
          const text = await textOf(answer);
          const key = `${service} ${route.key}`;
          seen.set(key, [...(seen.get(key) ?? []), verdictFor(who, answer.status)]);
          if (who !== 'other') continue;
          if (verdictOf(answer.status) === 'ok' && secrets.some((id) => path.includes(id)))
            if (!shared.some((end) => path.endsWith(end))) intruded.push(key);
          if (answer.ok)
            for (const id of secrets)
              if (!path.includes(id) && text.includes(id)) leaks.push(`${key} shows ${id} of another project`);
        }
      }
    },
    300_000,
  );

  it('lets nobody in without a token', () => {
    const open = [...routes].flatMap(([service, all]) =>
      all.filter((one) => one.open).map((one) => `${service} ${one.key}`),
    );
    const entered = [...seen].filter(([key, [nobody]]) => nobody !== '401' && !open.includes(key));
    expect(entered.map(([key, verdicts]) => `${key}: ${verdicts[0]}`)).toEqual([]);
  });

  it('shows nothing of another project', () => {
    expect(leaks).toEqual([]);
  });

  it('lets nobody at what another project has', () => {
    expect(intruded).toEqual([]);
  });

  it('breaks for nobody', () => {
    const broken = [...seen].filter(
      ([key, verdicts]) => !excused.test(key) && verdicts.some((one) => Number(one) >= 500 && one !== '501'),
    );
    expect(broken.map(([key, verdicts]) => `${key}: ${verdicts.join(' ')}`)).toEqual([]);
  });

  it('has the verdict that is written down', () => {
    const lines = [...seen].map(([key, verdicts]) => `${key}\t${verdicts.join(' ')}`).sort();
    const text = `# route\t${identities.join(' ')}\n${lines.join('\n')}\n`;
    if (process.env['UPDATE_VERDICTS']) writeFileSync(verdictFile, text);
    const written = existsSync(verdictFile) ? readFileSync(verdictFile, 'utf8') : '';
    expect(text.split('\n').filter((line) => !written.includes(`${line}\n`))).toEqual([]);
    expect(written.split('\n').filter((line) => !text.includes(`${line}\n`))).toEqual([]);
  });
});
