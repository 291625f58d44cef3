import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

const extra = ['/usr/sbin', '/sbin', '/usr/libexec'];

/** Whether a program is installed: on PATH, or where servers are. */
export function installed(program: string, path: string = process.env['PATH'] ?? ''): boolean {
  return [...path.split(':'), ...extra].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}
