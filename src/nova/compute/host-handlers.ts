import type { Logger } from '#common/telemetry/log.ts';

export interface HostHandlersDeps {
  readonly log: Logger;
  /** Fetches an image into the cache. */
  readonly image: (imageId: string, signal: AbortSignal) => Promise<string>;
  /** What `uptime` prints. */
  readonly uptime: () => Promise<string>;
}

/** What is asked of the host itself and not of a guest. */
export const hostHandlers = ({ log, image, uptime }: HostHandlersDeps) => ({
  hostUptime: async () => ({ uptime: await uptime() }),
  async cacheImages({ imageIds }: { readonly imageIds: readonly string[] }): Promise<undefined> {
    for (const id of imageIds)
      // One that cannot be had keeps none of the others out; a server of it will say why.
      await image(id, new AbortController().signal).catch((error: unknown) =>
        log.warn(`Image ${id} could not be fetched ahead of its use`, error),
      );
    return undefined;
  },
});
