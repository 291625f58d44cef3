import { StartupError } from '../daemon.ts';

interface Referred {
  readonly section: string;
  readonly text: string;
  readonly origin: string;
}

type Lookup = (section: string, name: string) => Referred | undefined;

/** Replaces the references in one value. `section` is where it stands: `$name` is sought there, then in DEFAULT. */
export type Substitution = (text: string, section: string, origin: string, secret: boolean) => string;

const reference = /\$(?:(\$)|\{([A-Za-z_][\w.-]*)\}|([A-Za-z_]\w*))/g;

/**
 * Makes oslo.config's substitution. A reference to nothing stays as it is written and is reported, unless it stands in a
 * secret: there a `$` is more likely a part of the password, and the log is no place for it.
 *
 * The returned function throws StartupError when options refer to each other in a circle.
 */
export function createSubstitution(lookup: Lookup, report: (line: string) => void): Substitution {
  const expand = (text: string, section: string, origin: string, secret: boolean, path: readonly string[]): string =>
    text.replace(reference, (whole, dollar?: string, braced?: string, bare?: string) => {
      if (dollar) return '$';
      const name = braced ?? bare ?? '';
      const dot = name.indexOf('.');
      const candidates: readonly (readonly [string, string])[] =
        dot > 0
          ? [[name.slice(0, dot), name.slice(dot + 1)]]
          : [
              [section, name],
              ['DEFAULT', name],
            ];
      for (const [group, option] of candidates) {
        const found = lookup(group, option);
        if (!found) continue;
        const key = `[${group}] ${option}`;
        if (path.includes(key)) {
          throw new StartupError(
            `${origin}: ${[...path, key].join(' refers to ')}: a circle. Give one of them a value.`,
          );
        }
        return expand(found.text, found.section, found.origin, secret, [...path, key]);
      }
      if (!secret) report(`${origin}: ${whole} refers to no option and is kept as it is; write $$ for a dollar sign.`);
      return whole;
    });
  return (text, section, origin, secret) => expand(text, section, origin, secret, []);
}
