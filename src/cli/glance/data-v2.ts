import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import type { GlanceApi } from './api.ts';
import { fileInput, save, withProgress } from './data.ts';

const path = (imageId: string): string => `/images/${encodeURIComponent(imageId)}/file`;

/** Commands on the data of images in version 2. */
export const dataCommands: readonly Command<GlanceApi>[] = [
  {
    name: 'image-download',
    summary: 'Download a specific image.',
    arguments: [
      {
        name: '--file',
        value: '<FILE>',
        help: 'Local file to save the data to. Without it the data is written to standard output.',
      },
      { name: '<IMAGE_ID>', help: 'ID of image to download.' },
      { name: '--progress', help: 'Show a bar of how far the data is, at a terminal.' },
    ],
    async run(api, given) {
      const answer = await api.session.send({ method: 'GET', path: path(given.one('IMAGE_ID')) });
      if (answer.status === 204) throw new CommandError(`Image ${given.one('IMAGE_ID')} has no data.`);
      const length = Number(answer.headers['content-length']) || undefined;
      const data = given.has('progress') ? withProgress(api.shell, answer.stream, length) : answer.stream;
      await save(api.shell, data, given.text('file'), answer.headers['content-md5']);
    },
  },
  {
    name: 'image-upload',
    summary: 'Upload data for a specific image.',
    arguments: [
      {
        name: '--file',
        value: '<FILE>',
        help: 'Local file of the data; without it, what is piped into standard input.',
      },
      { name: '<IMAGE_ID>', help: 'ID of image to upload data to.' },
    ],
    async run(api, given) {
      const file = given.text('file');
      const input = file === undefined ? api.shell.input() : fileInput(file);
      if (!input) throw new CommandError('There is no data: name a file with --file, or pipe it in.');
      await api.session.headers({
        method: 'PUT',
        path: path(given.one('IMAGE_ID')),
        headers: {
          'content-type': 'application/octet-stream',
          ...(input.length !== undefined && { 'content-length': String(input.length) }),
        },
        body: input.data,
      });
    },
  },
];
