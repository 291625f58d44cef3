import type { Run } from './run.ts';

/** Sets kernel parameters (`net.ipv4.ip_forward`), all in one go, in a network namespace where one is named. */
export async function setSysctls(
  run: Run,
  values: Readonly<Record<string, number | string>>,
  netns?: string,
): Promise<void> {
  const pairs = Object.entries(values).map(([key, value]) => `${key}=${value}`);
  if (pairs.length > 0) await run(['sysctl', '-qw', ...pairs], netns === undefined ? {} : { netns });
}

/** Reads one kernel parameter; undefined when this kernel has none of that name. */
export async function getSysctl(run: Run, key: string, netns?: string): Promise<string | undefined> {
  const { status, stdout } = await run(['sysctl', '-n', key], {
    ok: [0, 1, 255],
    ...(netns !== undefined && { netns }),
  });
  return status === 0 ? stdout.trim() : undefined;
}
