import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';

/** Runs a program with its output, which may be binary and large, in a file. Resolves with its exit status. */
export async function runToFile(
  argv: readonly string[],
  file: string,
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<number> {
  const [program, ...args] = argv as [string, ...string[]];
  const output = await open(file, 'w');
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        cwd: options.cwd,
        env: { ...process.env, ...options.env },
        stdio: ['ignore', output.fd, 'inherit'],
      });
      child.on('error', reject);
      child.on('exit', (status) => resolve(status ?? 130));
    });
  } finally {
    await output.close();
  }
}
