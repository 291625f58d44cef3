import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { str } from '../config/config.ts';
import { StartupError } from '../daemon.ts';
import { parsePolicy } from './policy.ts';

/** `[DEFAULT] policy_file` of a service. @param folder the service's: `/etc/nova` */
export const policyFileOption = (folder: string) =>
  str({
    default: 'policy.json',
    help: `Rules that replace the built-in ones: JSON, or YAML with one "rule": "check" per line; relative to ${folder}.`,
  });

/**
 * An operator's rules. A file that is not there changes nothing.
 * @throws StartupError naming the file and the rule that makes no sense
 */
export function readPolicyFile(name: string, folder: string): Readonly<Record<string, string>> {
  const path = resolve(folder, name);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new StartupError(`The policy file ${path} cannot be read: ${(cause as Error).message}.`, { cause });
  }
  const rules = /\.ya?ml$/.test(path) ? readLines(text, path) : readJson(text, path);
  return Object.fromEntries(
    Object.entries(rules).map(([rule, check]) => {
      try {
        parsePolicy(modern(check));
      } catch (cause) {
        throw new StartupError(`The policy file ${path}, rule "${rule}": ${(cause as Error).message}.`, { cause });
      }
      return [rule, modern(check)];
    }),
  );
}

function readJson(text: string, path: string): Record<string, string> {
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch (cause) {
    throw new StartupError(`The policy file ${path} is no JSON: ${(cause as Error).message}.`, { cause });
  }
}

/** The form of generated samples: `"rule": "check"`, comments. */
function readLines(text: string, path: string): Record<string, string> {
  const rules: Record<string, string> = {};
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const match = /^\s*(["'])(.+?)\1\s*:\s*(["'])(.*)\3\s*(#.*)?$/.exec(line);
    if (!match) throw new StartupError(`The policy file ${path}, line ${index + 1}: write it as "rule": "check".`);
    rules[match[2] as string] = match[4] as string;
  }
  return rules;
}

/** Icehouse's `field:networks:shared=True` compares an attribute of the target. */
const modern = (check: string): string =>
  check.replace(
    /field:\w+:([\w:]+)=(\w+)/g,
    (_all, name: string, value: string) =>
      `'${/^(true|false)$/i.test(value) ? value.toLowerCase() : value}':%(${name})s`,
  );
