import { ApiError } from '#common/api/errors.ts';

/** A refusal in EC2's words: a code that clients look at, and a text for people. */
export class Ec2Error extends Error {
  override readonly name = 'Ec2Error';
  readonly status: number;
  /** `InvalidInstanceID.NotFound` */
  readonly ec2Code: string;

  constructor(status: number, ec2Code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.ec2Code = ec2Code;
  }
}

export const invalidValue = (message: string): Ec2Error => new Ec2Error(400, 'InvalidParameterValue', message);
export const missingParameter = (name: string): Ec2Error =>
  new Ec2Error(400, 'MissingParameter', `Not enough parameters: ${name}`);

/** Codes for the statuses of the services behind. */
const codes: Readonly<Record<number, string>> = {
  400: 'InvalidParameterValue',
  401: 'AuthFailure',
  403: 'UnauthorizedOperation',
  404: 'InvalidParameterValue',
  409: 'IncorrectState',
  413: 'ResourceLimitExceeded',
  501: 'UnsupportedOperation',
  503: 'Unavailable',
};

/** What to answer for a failure; null for one that nobody foresaw. */
export function faultOf(error: unknown): Ec2Error | null {
  if (error instanceof Ec2Error) return error;
  if (!(error instanceof ApiError)) return null;
  const quota = error.status === 413 || /quota/i.test(error.message);
  const code = quota ? 'ResourceLimitExceeded' : (codes[error.status] ?? 'InternalError');
  return new Ec2Error(error.status, code, error.message, { cause: error });
}

/** For `catch`: another service's 404 in EC2's words. */
export const whenMissing =
  (code: string, message: string, status = 404) =>
  (error: unknown): never => {
    if (error instanceof ApiError && error.status === 404) throw new Ec2Error(status, code, message, { cause: error });
    throw error;
  };
