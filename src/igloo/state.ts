import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '#common/host/files.ts';
import { identify, isAlive, type ProcessIdentity } from '#common/host/process.ts';

/** Where everything that one cloud keeps is: `--state-dir`. */
export interface StateFolder {
  readonly root: string;
  /** A path inside. */
  path(...parts: readonly string[]): string;
}

/** `/var/lib/igloo` for root, the XDG state folder otherwise. */
export function defaultStateDir(): string {
  if (process.geteuid?.() === 0) return '/var/lib/igloo';
  return join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'), 'igloo');
}

export const stateFolder = (root: string): StateFolder => ({ root, path: (...parts) => join(root, ...parts) });

/** Makes the folder and its parts. Only the owner reads it: secrets, images and disks are inside. */
export function prepareStateFolder(state: StateFolder): void {
  mkdirSync(state.root, { recursive: true, mode: 0o711 });
  for (const part of ['db', 'log', 'run', 'cache', 'images', 'nova', 'neutron', 'keystone', 'cinder'])
    mkdirSync(state.path(part), { recursive: true, mode: 0o711 });
}

/** Random values made at the first start and kept, mode 0600. */
export interface Secrets {
  readonly adminPassword: string;
  readonly demoPassword: string;
  /** Password of the accounts nova, neutron, glance …. */
  readonly servicePassword: string;
  readonly adminToken: string;
  readonly metadataSecret: string;
}

const word = (): string => randomBytes(15).toString('base64url');

/** Reads the secrets, or makes them. `adminPassword` replaces the kept one. */
export async function loadSecrets(state: StateFolder, adminPassword?: string): Promise<Secrets> {
  const path = state.path('secrets.json');
  const kept = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Partial<Secrets>) : {};
  const secrets: Secrets = {
    adminPassword: adminPassword ?? kept.adminPassword ?? word(),
    demoPassword: kept.demoPassword ?? word(),
    servicePassword: kept.servicePassword ?? word(),
    adminToken: kept.adminToken ?? randomBytes(16).toString('hex'),
    metadataSecret: kept.metadataSecret ?? randomBytes(24).toString('hex'),
  };
  if (JSON.stringify(secrets) !== JSON.stringify(kept))
    await writeFileAtomic(path, JSON.stringify(secrets, null, 2) + '\n', { mode: 0o600 });
  return secrets;
}

/** What the other commands must know of the cloud in this folder. */
export interface CloudRecord {
  readonly process: ProcessIdentity;
  readonly startedAt: string;
  /** Address that clients use. */
  readonly address: string;
  readonly portOffset: number;
  readonly virt: string;
  readonly network: string;
  /** Whether Igloo keeps a private Open vSwitch for it. */
  readonly openvswitchPrivate: boolean;
  readonly externalCidr: string | null;
  readonly ready: boolean;
}

export async function writeCloudRecord(state: StateFolder, record: CloudRecord): Promise<void> {
  await writeFileAtomic(state.path('cloud.json'), JSON.stringify(record, null, 2) + '\n', { mode: 0o644 });
}

/** The record of the last start; undefined when nothing was ever started here. */
export function readCloudRecord(state: StateFolder): CloudRecord | undefined {
  try {
    return JSON.parse(readFileSync(state.path('cloud.json'), 'utf8')) as CloudRecord;
  } catch {
    return undefined;
  }
}

/** The record, when its control plane runs now. */
export function runningCloud(state: StateFolder): CloudRecord | undefined {
  const record = readCloudRecord(state);
  return record && isAlive(record.process) ? record : undefined;
}

/** This process, as recorded. @throws Error when /proc is not there */
export function ownIdentity(): ProcessIdentity {
  const identity = identify(process.pid);
  if (!identity) throw new Error('/proc is not mounted: Igloo cannot tell processes apart without it');
  return identity;
}
