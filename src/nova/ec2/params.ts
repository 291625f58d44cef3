import { invalidValue, missingParameter } from './errors.ts';

/** A filter of a Describe call: `Filter.1.Name=instance-state-name`, `Filter.1.Value.1=running`. */
export interface Filter {
  readonly name: string;
  readonly values: readonly string[];
}

/** A request's parameters: flat names whose dots and numbers make lists and lists of records. */
export class Ec2Params {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: Iterable<readonly [string, string]>) {
    this.#values = new Map(values);
  }

  text(name: string): string | null {
    return this.#values.get(name) ?? null;
  }

  /** @throws Ec2Error MissingParameter */
  required(name: string): string {
    const value = this.text(name);
    if (value === null || value === '') throw missingParameter(`${name} is required`);
    return value;
  }

  /** @throws Ec2Error InvalidParameterValue */
  integer(name: string): number | null {
    const value = this.text(name);
    if (value === null || value === '') return null;
    if (!/^-?\d{1,9}$/.test(value)) throw invalidValue(`Invalid value '${value}' for ${name}: it is no number.`);
    return Number(value);
  }

  flag(name: string): boolean {
    return /^(true|1)$/i.test(this.text(name) ?? '');
  }

  /** `InstanceId.1`, `InstanceId.2` … in the order of their numbers; `InstanceId` alone counts too. */
  list(name: string): string[] {
    const single = this.text(name);
    const numbered = this.#numbers(name).flatMap((number) => this.text(`${name}.${number}`) ?? []);
    return single === null ? numbered : [single, ...numbered];
  }

  /** `Tag.1.Key`, `Tag.1.Value` … : the parameters of each number without what is before it. */
  records(name: string): Ec2Params[] {
    return this.#numbers(name).map((number) => {
      const start = `${name}.${number}.`;
      return new Ec2Params(
        [...this.#values]
          .filter(([key]) => key.startsWith(start))
          .map(([key, value]) => [key.slice(start.length), value] as const),
      );
    });
  }

  filters(): Filter[] {
    return this.records('Filter').map((one) => ({ name: one.required('Name'), values: one.list('Value') }));
  }

  #numbers(name: string): number[] {
    const found = new Set<number>();
    for (const key of this.#values.keys()) {
      if (!key.startsWith(`${name}.`)) continue;
      const [number = ''] = key.slice(name.length + 1).split('.');
      if (/^\d{1,6}$/.test(number)) found.add(Number(number));
    }
    return [...found].sort((a, b) => a - b);
  }
}

/** Whether a value is among a filter's, which may have `*` and `?`. */
export function fits({ values }: Filter, value: string | null): boolean {
  if (value === null) return false;
  return values.some((pattern) => {
    const source = pattern
      .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.');
    return new RegExp(`^${source}$`, 's').test(value);
  });
}

/**
 * Items that pass every filter. A filter nobody knows is refused: it must not silently let all pass.
 * @param valueOf the values of an item under a filter's name; null for an unknown name
 * @throws Ec2Error InvalidParameterValue
 */
export function filtered<T>(
  items: readonly T[],
  filters: readonly Filter[],
  valueOf: (item: T, name: string) => readonly (string | null)[] | null,
): T[] {
  return items.filter((item) =>
    filters.every((filter) => {
      const values = valueOf(item, filter.name);
      if (values === null) throw invalidValue(`The filter '${filter.name}' is invalid`);
      return values.some((value) => fits(filter, value));
    }),
  );
}
