import { fileURLToPath } from 'node:url';
import { createHttpTransport } from '#common/api/http.ts';
import { parseStrict } from '../options.ts';
import { portsAt, type Ports } from '../ports.ts';
import { describeWebApp, webAppOf, webAppRecord } from '../web-app.ts';
import { defaultStateDir, runningCloud, stateFolder } from '../state.ts';
import type { Command } from './command.ts';

const services: readonly (readonly [string, keyof Ports])[] = [
  ['keystone', 'keystonePublic'],
  ['glance', 'glance'],
  ['nova', 'nova'],
  ['nova metadata', 'novaMetadata'],
  ['neutron', 'neutron'],
  ['cinder', 'cinder'],
  ['noVNC proxy', 'novnc'],
  ['serial proxy', 'serialproxy'],
  ['events', 'events'],
  ['dashboard', 'dashboard'],
];

/** `igloo status`: each service's health in words; exit status 0 only when all is well, 3 when nothing runs. */
export const status: Command = async (argv, { write }) => {
  const { values } = parseStrict(argv, { 'state-dir': { type: 'string', default: defaultStateDir() } });
  const state = stateFolder(String(values['state-dir']));
  const cloud = runningCloud(state);
  if (!cloud) {
    write(`No cloud runs from ${state.root}. ./igloo up starts it.\n`);
    return 3;
  }
  write(
    `Cloud at ${cloud.address}, pid ${cloud.process.pid}, since ${cloud.startedAt}; guests: ${cloud.virt}, networks: ${cloud.network}.\n`,
  );
  const ports = portsAt(cloud.portOffset);
  const transport = createHttpTransport();
  let well = cloud.ready;
  for (const [name, key] of services) {
    const url = `http://${cloud.address}:${ports[key]}/healthcheck`;
    const answer = await transport.request({ method: 'GET', url, timeoutMs: 5_000 }).then(
      async (response) => ({ ok: response.status === 200, text: (await response.text()).trim() }),
      (error: Error) => ({ ok: false, text: error.message }),
    );
    well &&= answer.ok;
    const [first = '', ...detail] = answer.text.split('\n');
    write(`  ${name.padEnd(14)} port ${String(ports[key]).padEnd(6)} ${answer.ok ? 'up' : `DOWN: ${first}`}\n`);
    for (const line of detail) write(`                 ${line}\n`);
  }
  write(
    `Console: http://${cloud.address}:${ports.dashboard}/dashboard; sign in as demo or admin, ./igloo env demo prints the password.\n`,
  );
  const standing = describeWebApp(webAppOf(fileURLToPath(new URL('../../..', import.meta.url)), webAppRecord(state)));
  if (standing !== '') write(`  its web app is ${standing}\n`);
  return well ? 0 : 1;
};
