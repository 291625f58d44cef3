import { ApiError } from '#common/api/errors.ts';
import type { ByteRange } from '../stores/driver.ts';

/**
 * The one range that a Range header asks for (RFC 9110, 14.1.2); undefined for no header or one that may be ignored.
 * @throws ApiError 416 when it lies outside of the data
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const unsatisfiable = new ApiError(416, `The range ${header} lies outside of the image's ${size} bytes.`, {
    headers: { 'content-range': `bytes */${size}` },
  });
  if (match[1] === '') {
    const last = Number(match[2]);
    if (last === 0 || size === 0) throw unsatisfiable;
    return { start: Math.max(0, size - last), end: size - 1 };
  }
  const start = Number(match[1]);
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (start >= size) throw unsatisfiable;
  return end < start ? undefined : { start, end };
}

/** `Content-Range` of an answer. */
export const contentRange = ({ start, end }: ByteRange, size: number): string => `bytes ${start}-${end}/${size}`;
