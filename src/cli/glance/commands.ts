import type { CommandFile } from '../base/command.ts';
import type { GlanceApi } from './api.ts';

/** Which file has which commands, by version of the API. */
export const glanceFiles: Readonly<Record<'1' | '2', readonly CommandFile<GlanceApi>[]>> = {
  '1': [
    {
      names: ['image-list', 'image-show', 'image-create', 'image-update', 'image-delete', 'image-download'],
      load: async () => (await import('./images.ts')).imageCommands,
    },
    {
      names: ['member-list', 'member-create', 'member-delete'],
      load: async () => (await import('./members.ts')).memberCommands,
    },
    {
      names: ['index', 'details', 'show', 'add', 'update', 'delete', 'clear'],
      load: async () => (await import('./older-images.ts')).olderImageCommands,
    },
    {
      names: ['image-members', 'member-images', 'members-replace', 'member-add'],
      load: async () => (await import('./older-members.ts')).olderMemberCommands,
    },
  ],
  '2': [
    {
      names: ['image-list', 'image-show', 'image-create', 'image-update', 'image-delete', 'explain'],
      load: async () => (await import('./images-v2.ts')).imageCommands,
    },
    {
      names: ['image-download', 'image-upload'],
      load: async () => (await import('./data-v2.ts')).dataCommands,
    },
    {
      names: ['image-tag-update', 'image-tag-delete', 'member-list', 'member-create', 'member-update', 'member-delete'],
      load: async () => (await import('./members-v2.ts')).memberCommands,
    },
  ],
};
