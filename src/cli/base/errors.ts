/** Something went wrong that the user can understand; printed in the client's manner, exit status 1. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
}

/** The command line makes no sense; printed with the usage, exit status 2. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';
  /** Whose usage goes with it: words that are left over are the client's concern, not the command's. */
  readonly scope: 'client' | 'command';

  constructor(message: string, scope: 'client' | 'command' = 'command') {
    super(message);
    this.scope = scope;
  }
}

/** A service refused: its status, and its message without the wrapping. */
export class HttpError extends CommandError {
  override readonly name = 'HttpError';
  readonly status: number;
  /** The body as it came. */
  readonly body: string;
  readonly requestId: string | undefined;

  constructor(status: number, message: string, body: string, requestId: string | undefined) {
    super(message);
    this.status = status;
    this.body = body;
    this.requestId = requestId;
  }
}
