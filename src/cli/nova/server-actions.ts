import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { kinds, pairs, type Item, type NovaApi } from './api.ts';
import { printImage } from './images.ts';
import { pollServer } from './poll.ts';
import { printServer } from './server-view.ts';

const server: Argument = { name: '<server>', help: 'Name or ID of server.' };
const servers: Argument = { name: '<server>', count: 'many', help: 'Name or ID of server(s).' };

/** Actions without an argument: name of the command, of the action, and what it does. */
const plain: readonly (readonly [string, string, string])[] = [
  ['pause', 'pause', 'Pause a server.'],
  ['unpause', 'unpause', 'Unpause a server.'],
  ['suspend', 'suspend', 'Suspend a server.'],
  ['resume', 'resume', 'Resume a server.'],
  ['lock', 'lock', 'Lock a server. A normal (non-admin) user will not be able to execute actions on a locked server.'],
  ['unlock', 'unlock', 'Unlock a server.'],
  ['resize-confirm', 'confirmResize', 'Confirm a previous resize.'],
  ['resize-revert', 'revertResize', 'Revert a previous resize (and return to the previous VM).'],
  ['unrescue', 'unrescue', 'Restart the server from normal boot disk again.'],
  ['shelve', 'shelve', 'Shelve a server.'],
  ['unshelve', 'unshelve', 'Unshelve a server.'],
  ['shelve-offload', 'shelveOffload', 'Remove a shelved server from the compute node.'],
  ['force-delete', 'forceDelete', 'Force delete a server.'],
  ['restore', 'restore', 'Restore a soft-deleted server.'],
  ['reset-network', 'resetNetwork', 'Reset network of a server.'],
];

/** Does it for each; those that fail are named, and the rest done all the same. */
async function each(names: readonly string[], api: NovaApi, work: (name: string) => Promise<unknown>): Promise<void> {
  let failed = 0;
  for (const name of names) {
    try {
      await work(name);
    } catch (error) {
      if (!(error instanceof CommandError) || names.length === 1) throw error;
      failed++;
      api.shell.out(`${error.message}\n`);
    }
  }
  if (failed > 0) throw new CommandError('Unable to do it for all of the specified servers.');
}

const withPoll = (what: string): Argument => ({ name: '--poll', help: `Blocks while server ${what}.` });

async function rebuild(api: NovaApi, given: Given): Promise<void> {
  const [password, name] = [given.text('rebuild-password'), given.text('name')];
  const image = await api.find(kinds.image, given.one('image'));
  const answer = await api.act<{ server: Item }>(given.one('server'), 'rebuild', {
    imageRef: image.id,
    ...(password !== undefined && { adminPass: password }),
    ...(name !== undefined && { name }),
    ...(given.has('preserve-ephemeral') && { preserve_ephemeral: true }),
    ...(given.has('meta') && { metadata: pairs(given.all('meta'), '--meta') }),
  });
  await printServer(api, answer.server, given.has('minimal'));
  if (given.has('poll')) await pollServer(api, answer.server.id, 'rebuilding', ['active']);
}

export const serverActionCommands: readonly Command<NovaApi>[] = [
  ...plain.map(([name, action, summary]): Command<NovaApi> => ({
    name,
    summary,
    arguments: [server],
    async run(api, given) {
      await api.act(given.one('server'), action);
    },
  })),
  ...(['start', 'stop'] as const).map((action): Command<NovaApi> => ({
    name: action,
    summary: action === 'start' ? 'Start the server(s).' : 'Stop the server(s).',
    arguments: [servers],
    run: (api, given) => each(given.all('server'), api, (name) => api.act(name, `os-${action}`)),
  })),
  {
    name: 'reboot',
    summary: 'Reboot a server.',
    arguments: [
      { name: '--hard', help: 'Perform a hard reboot (instead of a soft one).' },
      servers,
      withPoll('is rebooting'),
    ],
    async run(api, given) {
      const type = given.has('hard') ? 'HARD' : 'SOFT';
      await each(given.all('server'), api, (name) => api.act(name, 'reboot', { type }));
      if (!given.has('poll')) return;
      for (const name of given.all('server'))
        await pollServer(api, await api.serverId(name), 'rebooting', ['active'], { progress: false });
    },
  },
  {
    name: 'rebuild',
    summary: 'Shutdown, re-image, and re-boot a server.',
    arguments: [
      server,
      { name: '<image>', help: 'Name or ID of new image.' },
      {
        name: '--rebuild-password',
        value: '<rebuild-password>',
        help: 'Set the provided password on the rebuilt server.',
      },
      withPoll('rebuilds so progress can be reported'),
      { name: '--minimal', help: 'Skips flavor/image lookups when showing servers.' },
      { name: '--preserve-ephemeral', help: 'Preserve the default ephemeral storage partition on rebuild.' },
      { name: '--name', value: '<name>', hidden: true },
      { name: '--meta', value: '<key=value>', repeat: true, hidden: true },
    ],
    run: rebuild,
  },
  {
    name: 'resize',
    summary: 'Resize a server.',
    arguments: [
      server,
      { name: '<flavor>', help: 'Name or ID of new flavor.' },
      withPoll('resizes so progress can be reported'),
    ],
    async run(api, given) {
      const id = await api.serverId(given.one('server'));
      const flavor = await api.find(kinds.flavor, given.one('flavor'));
      await api.call('POST', `/servers/${id}/action`, { resize: { flavorRef: flavor.id } });
      if (given.has('poll')) await pollServer(api, id, 'resizing', ['active', 'verify_resize']);
    },
  },
  {
    name: 'migrate',
    summary: 'Migrate a server. The new host will be selected by the scheduler.',
    arguments: [server, withPoll('migrates so progress can be reported')],
    async run(api, given) {
      const id = await api.serverId(given.one('server'));
      await api.call('POST', `/servers/${id}/action`, { migrate: null });
      if (given.has('poll')) await pollServer(api, id, 'migrating', ['active', 'verify_resize']);
    },
  },
  {
    name: 'rescue',
    summary: 'Rescue a server.',
    arguments: [server],
    async run(api, given) {
      api.printItem(await api.act(given.one('server'), 'rescue'));
    },
  },
  {
    name: 'reset-state',
    summary: 'Reset the state of a server.',
    arguments: [
      servers,
      { name: '--active', help: "Request the server be reset to 'active' state instead of 'error' state." },
    ],
    run: (api, given) =>
      each(given.all('server'), api, (name) =>
        api.act(name, 'os-resetState', { state: given.has('active') ? 'active' : 'error' }),
      ),
  },
  {
    name: 'live-migration',
    summary: 'Migrate a running server to a new machine.',
    arguments: [
      server,
      { name: '<host>', count: 'optional', help: 'Destination host name.' },
      { name: '--block-migrate', help: 'True in case of block_migration.' },
      { name: '--disk-over-commit', help: 'Allow overcommit.' },
    ],
    async run(api, given) {
      await api.act(given.one('server'), 'os-migrateLive', {
        host: given.text('host') ?? null,
        block_migration: given.has('block-migrate'),
        disk_over_commit: given.has('disk-over-commit'),
      });
    },
  },
  {
    name: 'evacuate',
    summary: 'Evacuate server from failed host to specified one.',
    arguments: [
      server,
      { name: '<host>', count: 'optional', help: 'Name or ID of target host.' },
      { name: '--password', value: '<password>', help: 'Set the provided password on the evacuated server.' },
      { name: '--on-shared-storage', help: 'Specifies whether server files are located on shared storage.' },
    ],
    async run(api, given) {
      const [host, adminPass] = [given.text('host'), given.text('password')];
      const answer = await api.act(given.one('server'), 'evacuate', {
        onSharedStorage: given.has('on-shared-storage'),
        ...(host !== undefined && { host }),
        ...(adminPass !== undefined && { adminPass }),
      });
      api.printItem(answer);
    },
  },
  {
    name: 'image-create',
    summary: 'Create a new image by taking a snapshot of a running server.',
    arguments: [
      server,
      { name: '<name>', help: 'Name of snapshot.' },
      { name: '--show', help: 'Print image info.' },
      withPoll('snapshots so progress can be reported'),
    ],
    async run(api, given) {
      const id = await api.serverId(given.one('server'));
      const headers = await api.session.headers({
        method: 'POST',
        path: `/servers/${id}/action`,
        json: { createImage: { name: given.one('name'), metadata: {} } },
      });
      const image = headers['location']?.split('/').at(-1);
      if (image === undefined) return;
      if (given.has('poll')) await pollServer(api, image, 'snapshotting', ['active'], { kind: kinds.image });
      if (given.has('show')) printImage(api, (await api.call<{ image: Item }>('GET', `/images/${image}`)).image);
    },
  },
  {
    name: 'backup',
    summary: "Backup a server by creating a 'backup' type snapshot.",
    arguments: [
      server,
      { name: '<name>', help: 'Name of the backup image.' },
      { name: '<backup-type>', help: 'The backup type, like "daily" or "weekly".' },
      { name: '<rotation>', help: 'How many backups to keep around.' },
    ],
    async run(api, given) {
      await api.act(given.one('server'), 'createBackup', {
        name: given.one('name'),
        backup_type: given.one('backup-type'),
        rotation: given.one('rotation'),
      });
    },
  },
];
