/** The answer of `/healthcheck` and of `igloo status`. */
export interface Health {
  readonly ok: boolean;
  /** One line per thing looked at, in words: `database: reachable`, `bus: no broker at 127.0.0.1:5672 for 12 s`. */
  readonly detail: readonly string[];
}
