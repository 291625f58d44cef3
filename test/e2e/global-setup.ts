import type { TestProject } from 'vitest/node';
import { isRoot } from '#common/host/privileges.ts';
import { makeCloud, type Cloud } from '../fixtures/cloud.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** State folder of the cloud that all end-to-end tests share; null: no root here. */
    cloudState: string | null;
  }
}

let cloud: Cloud | undefined;

/** One cloud for all end-to-end tests: real guests, real networks. */
export async function setup(project: TestProject): Promise<void> {
  if (!isRoot()) {
    if (process.env['CI']) throw new Error('The end-to-end tests need root');
    process.stdout.write('The end-to-end tests are skipped: they need root\n');
    project.provide('cloudState', null);
    return;
  }
  cloud = await makeCloud();
  const started = await cloud.up();
  process.stdout.write(started.stdout);
  project.provide('cloudState', cloud.stateDir);
}

export async function teardown(): Promise<void> {
  if (cloud) process.stdout.write((await cloud.igloo('destroy', '--yes')).stdout);
}
