import { spawn } from 'node:child_process';

/** Runs a program whose output a person watches. Resolves with its exit status (128 + n after a signal). */
export function runVisibly(
  argv: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    /** `inherit` leaves it the person's keyboard; else it has no input. */
    readonly input?: 'ignore' | 'inherit';
  } = {},
): Promise<number> {
  const [program, ...args] = argv as [string, ...string[]];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: [options.input ?? 'ignore', 'inherit', 'inherit'],
    });
    child.on('error', reject);
    child.on('exit', (status) => resolve(status ?? 130));
  });
}
