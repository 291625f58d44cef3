import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandError } from '../base/errors.ts';
import type { Input, Shell } from '../base/shell.ts';

/** A local file to send. @throws CommandError */
export function fileInput(path: string): Input {
  try {
    return { data: createReadStream(path, { highWaterMark: 1 << 20 }), length: statSync(path).size };
  } catch (cause) {
    throw new CommandError(`The file ${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** The data with a bar that grows as it passes, at a terminal: `[=======>        ] 49%`. */
export function withProgress(shell: Shell, data: Readable, total: number | undefined): Readable {
  let passed = 0;
  const show = shell.isTerminal && total !== undefined && total > 0;
  const bar = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length;
      if (show) {
        const part = passed / total;
        const line = `${'='.repeat(Math.round(part * 29))}>`.padEnd(30);
        shell.out(`\r[${line}] ${Math.round(part * 100)}%`);
      }
      done(null, chunk);
    },
    flush(done) {
      shell.out('\n');
      done();
    },
  });
  data.on('error', (error) => bar.destroy(error));
  return data.pipe(bar);
}

/** The data, and an error in the end when it is not what its MD5 says. */
function verified(data: Readable, checksum: string): Readable {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const hash = createHash('md5');
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      const found = hash.digest('hex');
      done(
        found === checksum
          ? null
          : new CommandError(`[Errno 32] Corrupted image. Checksum was ${found} expected ${checksum}`),
      );
    },
  });
  data.on('error', (error) => check.destroy(error));
  return data.pipe(check);
}

/**
 * Saves data to a file, or writes it to standard output.
 * @param checksum its MD5, as the service says
 * @throws CommandError when the data is not what it should be
 */
export async function save(
  shell: Shell,
  data: Readable,
  path: string | undefined,
  checksum: string | undefined,
): Promise<void> {
  const checked = checksum ? verified(data, checksum) : data;
  if (path === undefined) await shell.pipeOut(checked);
  else await pipeline(checked, createWriteStream(path));
}
