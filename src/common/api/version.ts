/** An API version `major.minor`, compared as two numbers (2.9 < 2.10). */
export class ApiVersion {
  readonly major: number;
  readonly minor: number;

  constructor(major: number, minor: number) {
    this.major = major;
    this.minor = minor;
  }

  /** Null when the text is not `digits.digits`. */
  static parse(text: string): ApiVersion | null {
    const match = /^([1-9]\d*)\.(0|[1-9]\d*)$/.exec(text);
    return match && new ApiVersion(Number(match[1]), Number(match[2]));
  }

  /** `version('2.79')`; for literals in code. @throws Error on a bad literal */
  static of(text: string): ApiVersion {
    const parsed = ApiVersion.parse(text);
    if (!parsed) throw new Error(`"${text}" is no API version`);
    return parsed;
  }

  atLeast(text: string): boolean {
    return this.compare(ApiVersion.of(text)) >= 0;
  }

  compare(other: ApiVersion): number {
    return this.major - other.major || this.minor - other.minor;
  }

  toString(): string {
    return `${this.major}.${this.minor}`;
  }
}
