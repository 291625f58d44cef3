/** The answer of `/healthcheck` and of `igloo status`. */
export interface Health {
  readonly ok: boolean;
  /** One line per thing looked at, in words: `database: reachable`, `bus: no broker at 127.0.0.1:5672 for 12 s`. */
  readonly detail: readonly string[];
}

export interface HealthParts {
  /** Asks the database something small; rejects when it does not answer. */
  readonly database?: (() => Promise<unknown>) | undefined;
  readonly bus?: { health(): { readonly ok: boolean; readonly detail: string } } | undefined;
}

/** Looks at what a daemon depends on. Never rejects. */
export async function healthOf({ database, bus }: HealthParts): Promise<Health> {
  const trouble = await database?.().then(
    () => null,
    (error: unknown) => (error as Error).message,
  );
  const heard = bus?.health();
  return {
    ok: (trouble ?? null) === null && (heard?.ok ?? true),
    detail: [...(database ? [`database: ${trouble ?? 'reachable'}`] : []), ...(heard ? [`bus: ${heard.detail}`] : [])],
  };
}
