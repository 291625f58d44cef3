import type { Format } from '#i18n/format.ts';

/** How long something took: short things in milliseconds. @param seconds */
export const tookWords = (seconds: number, format: Pick<Format, 'span'>): string =>
  seconds < 1 ? `${Math.round(seconds * 1000)} ms` : format.span(seconds);
