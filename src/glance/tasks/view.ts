import { v2Time } from '../images/view-v2.ts';
import type { Task } from './task.ts';

/** A task in a list. */
export const briefTask = (task: Task) => ({
  id: task.id,
  type: task.type,
  status: task.status,
  owner: task.owner,
  ...(task.expiresAt !== null && { expires_at: v2Time(task.expiresAt) }),
  created_at: v2Time(task.createdAt),
  updated_at: v2Time(task.updatedAt),
  image_id: task.imageId,
  request_id: task.requestId,
  user_id: task.userId,
  self: `/v2/tasks/${task.id}`,
  schema: '/v2/schemas/task',
});

/** A task by itself. */
export const taskView = (task: Task) => ({
  ...briefTask(task),
  input: task.input,
  result: task.result,
  message: task.message ?? '',
});
