import type { QueryClient } from '@tanstack/react-query';
import { volumes, type Volume } from '#api/volume/volumes.ts';
import { textOf } from '#i18n/catalogue.ts';
import { settled } from '#ui/work.ts';
import { volumeTexts } from './texts.ts';

/** Waits until a volume rests again (available or in use) and `done` holds. @throws Error when it ends in an error */
export const settleVolume = (
  queries: QueryClient,
  id: string,
  done: (volume: Volume) => boolean = () => true,
): Promise<void> =>
  settled(queries, volumes, id, (volume) => {
    if (!volume || volume.status.startsWith('error'))
      return { failed: textOf(volumeTexts).endedIn(volume?.status ?? '–') };
    return (volume.status === 'available' || volume.status === 'in-use') && done(volume) ? 'done' : 'waiting';
  });
