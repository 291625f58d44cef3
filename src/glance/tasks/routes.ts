import { Type } from '@sinclair/typebox';
import { badRequest, notFound } from '#common/api/errors.ts';
import { isoMicros } from '#common/clock.ts';
import { routesFor } from '#common/api/route.ts';
import type { Glance } from '../glance.ts';
import { storeFault } from '../images/data-service.ts';
import { parseLimit } from '../images/list-v2.ts';
import { settingsOfBody } from '../images/schema.ts';
import { last, pageLinks } from '../metadefs/paging.ts';
import { taskSortColumns, taskStatuses, taskTypes, type TaskQuery } from './task.ts';
import { briefTask, taskView } from './view.ts';
import * as rows from './rows.ts';

const route = routesFor<Glance>();
const TaskId = Type.Object({ task_id: Type.String() });
const ImageId = Type.Object({ image_id: Type.String() });

const oneOf = <T extends string>(what: string, value: string | undefined, values: readonly T[]): T | undefined => {
  if (value === undefined) return undefined;
  const found = values.find((one) => one === value);
  if (found === undefined) throw badRequest(`Invalid ${what} value: ${value}. Valid values: ${values.join(', ')}.`);
  return found;
};

export const taskRoutes = [
  route({
    id: 'tasks.list',
    summary: 'List tasks',
    method: 'GET',
    path: '/tasks',
    policy: 'tasks_api_access',
    status: 200,
    query: Type.Unsafe<Record<string, unknown>>({ type: 'object' }),
    async handle({ db, clock, limits }, { query, url }) {
      const wanted: TaskQuery = {
        status: oneOf('status', last(query['status']), taskStatuses),
        type: oneOf('type', last(query['type']), taskTypes),
        sort: {
          column: oneOf('sort key', last(query['sort_key']), taskSortColumns) ?? 'created_at',
          direction: oneOf('sort direction', last(query['sort_dir']), ['asc', 'desc']) ?? 'desc',
        },
        marker: last(query['marker']),
        limit: parseLimit(last(query['limit']), limits),
      };
      const page = await rows.listTasks(db.query, wanted, isoMicros(clock.now()));
      if (!page) throw notFound(`No task found with ID ${wanted.marker}`);
      return {
        tasks: page.map(briefTask),
        ...pageLinks(url, '/v2/tasks', page.length === wanted.limit, page.at(-1)?.id),
        schema: '/v2/schemas/tasks',
      };
    },
  }),
  route({
    id: 'tasks.create',
    summary: 'Have an image made from a URL',
    method: 'POST',
    path: '/tasks',
    policy: 'tasks_api_access',
    status: 201,
    body: Type.Object({
      type: Type.String(),
      input: Type.Object({
        import_from: Type.String(),
        import_from_format: Type.String(),
        image_properties: Type.Record(Type.String(), Type.Unknown()),
      }),
    }),
    async handle({ db, images, imports }, { ctx, body, reply, host }) {
      if (body.type !== 'import') throw badRequest(`Invalid task type '${body.type}': it must be import.`);
      const { import_from: url, import_from_format: format, image_properties: properties } = body.input;
      imports.checkUrl(url);
      const image = await images.create(
        ctx,
        settingsOfBody({ disk_format: format, container_format: 'bare', ...properties }),
      );
      try {
        const request = { method: 'web-download', url, stores: imports.storesOf({}), allMustSucceed: true } as const;
        const id = await imports.start(ctx, image, request, { type: 'import', input: body.input });
        reply.header('location', `${host}/v2/tasks/${id}`);
        const task = await rows.findTask(db.query, id);
        if (!task) throw notFound(`No task found with ID ${id}`);
        return taskView(task);
      } catch (error) {
        throw storeFault(error);
      }
    },
  }),
  route({
    id: 'tasks.show',
    summary: 'Show a task',
    method: 'GET',
    path: '/tasks/:task_id',
    policy: 'tasks_api_access',
    status: 200,
    params: TaskId,
    async handle({ db }, { params }) {
      const task = await rows.findTask(db.query, params.task_id);
      if (!task) throw notFound(`No task found with ID ${params.task_id}`);
      return taskView(task);
    },
  }),
  route({
    id: 'images.tasks',
    summary: 'List the tasks of an image',
    method: 'GET',
    path: '/images/:image_id/tasks',
    policy: 'get_image',
    status: 200,
    params: ImageId,
    async handle({ db, clock, images }, { ctx, params }) {
      const image = await images.visible(ctx, params.image_id);
      const found = await rows.tasksOfImage(db.query, image.id, isoMicros(clock.now()));
      const mine = found.filter(({ owner }) => ctx.isAdmin || owner === ctx.projectId);
      return {
        tasks: mine.map((task) => {
          const { self: _self, schema: _schema, ...rest } = taskView(task);
          return rest;
        }),
      };
    },
  }),
];
