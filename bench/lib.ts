import { readFileSync } from 'node:fs';
import http from 'node:http';
import { makeCloud, type Cloud } from '../test/fixtures/cloud.ts';

/** One measured thing. */
export interface Figure {
  readonly what: string;
  readonly value: string;
  readonly goal: string;
}

export function printFigures(title: string, figures: readonly Figure[]): void {
  process.stdout.write(`\n### ${title}\n\n| what | measured | goal |\n|---|---|---|\n`);
  for (const { what, value, goal } of figures) process.stdout.write(`| ${what} | ${value} | ${goal} |\n`);
}

export interface Load {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Calls `once` from `width` callers at a time, `count` times in all. */
export async function load(count: number, width: number, once: (index: number) => Promise<void>): Promise<Load> {
  const times: number[] = [];
  let next = 0;
  const started = performance.now();
  const caller = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const from = performance.now();
      await once(index);
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: width }, caller));
  const seconds = (performance.now() - started) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { perSecond: count / seconds, p50: at(0.5), p99: at(0.99) };
}

export const show = ({ perSecond, p50, p99 }: Load): string =>
  `${perSecond.toFixed(0)}/s; p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

/** A plain request; kept lean so that the client costs little beside the server. */
export function request(
  method: string,
  url: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<{ status: number; headers: http.IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const sent = http.request(
      url,
      {
        method,
        agent,
        headers: {
          ...headers,
          ...(payload && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(payload);
  });
}

/** The same, with its status checked and its JSON read. */
export async function json<T>(
  method: string,
  url: string,
  token: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  const answer = await request(method, url, { 'x-auth-token': token, ...headers }, body);
  if (answer.status >= 400) throw new Error(`${method} ${url}: ${answer.status} ${answer.text}`);
  return (answer.text === '' ? undefined : JSON.parse(answer.text)) as T;
}

/** A cloud for measuring, its ports out of the way of another's. */
export interface BenchCloud {
  readonly cloud: Cloud;
  readonly port: (standard: number) => string;
  readonly password: string;
  token(): Promise<string>;
  readonly authBody: unknown;
  destroy(): Promise<void>;
}

const OFFSET = 11_000;

export async function benchCloud(...options: string[]): Promise<BenchCloud & { readonly upOutput: string }> {
  const cloud = await makeCloud(['--port-offset', String(OFFSET), ...options]);
  const { stdout } = await cloud.up();
  const rc = readFileSync(`${cloud.stateDir}/admin-openrc`, 'utf8');
  const password = /OS_PASSWORD='(.*)'/.exec(rc)?.[1] ?? '';
  const port = (standard: number): string => `http://127.0.0.1:${standard + OFFSET}`;
  const domain = { id: 'default' };
  const authBody = {
    auth: {
      identity: { methods: ['password'], password: { user: { name: 'admin', domain, password } } },
      scope: { project: { name: 'admin', domain } },
    },
  };
  return {
    cloud,
    upOutput: stdout,
    port,
    password,
    authBody,
    async token() {
      const answer = await request('POST', `${port(5000)}/v3/auth/tokens`, {}, authBody);
      return String(answer.headers['x-subject-token']);
    },
    destroy: async () => void (await cloud.igloo('destroy', '--yes')),
  };
}

/** Proportional set size of one process, MiB: what it really adds to the machine's use. */
export function pssMiB(pid: number): number {
  const line = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  return Number(line?.[1] ?? 0) / 1024;
}
