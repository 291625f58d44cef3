import type { Run } from '#common/host/run.ts';
import type { BackendConfig } from '../../config.ts';
import { COPY_TIMEOUT_MS } from '../kit.ts';

/** Copies one block device to another. @param sparse the target is known to read as zeros */
export async function copyDevice(
  run: Run,
  from: string,
  to: string,
  sparse: boolean,
  signal: AbortSignal,
): Promise<void> {
  const conv = sparse ? 'conv=fsync,notrunc,sparse' : 'conv=fsync,notrunc';
  await run(['dd', `if=${from}`, `of=${to}`, 'bs=1M', 'status=none', conv], { signal, timeoutMs: COPY_TIMEOUT_MS });
}

/** Overwrites by zeros; the kernel may have a short way. */
export async function zeroDevice(run: Run, path: string, bytes: number, signal: AbortSignal): Promise<void> {
  await run(['blkdiscard', '-f', '-z', '-l', String(bytes), path], { signal, timeoutMs: COPY_TIMEOUT_MS });
}

/** What is left of a deleted volume must not be read by its blocks' next owner (`volume_clear`). */
export async function clearDevice(
  run: Run,
  conf: Pick<BackendConfig, 'volume_clear' | 'volume_clear_size'>,
  path: string,
  bytes: number,
  signal: AbortSignal,
): Promise<void> {
  const length = conf.volume_clear_size > 0 ? Math.min(bytes, conf.volume_clear_size * 1024 ** 2) : bytes;
  if (conf.volume_clear === 'zero') await zeroDevice(run, path, length, signal);
  if (conf.volume_clear === 'shred')
    await run(['shred', '-n', '3', '-s', String(length), path], { signal, timeoutMs: COPY_TIMEOUT_MS });
}
