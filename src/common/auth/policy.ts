import type { RequestContext } from './context.ts';

/** One policy, declared beside its service's endpoints in `policies.ts`. */
export interface PolicyRule {
  /** OpenStack's policy language: `role:admin or project_id:%(project_id)s`. */
  readonly check: string;
  readonly description?: string;
}
export type PolicyTable = Readonly<Record<string, PolicyRule | string>>;

/** What is acted upon: usually the row, at least its `project_id`. */
export type PolicyTarget = Readonly<Record<string, unknown>>;

type Check = (ctx: RequestContext, target: PolicyTarget, rules: ReadonlyMap<string, Check>) => boolean;

/** Credentials under the names that rules use; `tenant_id` is Icehouse's name of `project_id`. */
const credentials: Readonly<Record<string, (ctx: RequestContext) => unknown>> = {
  user_id: (ctx) => ctx.userId,
  project_id: (ctx) => ctx.projectId,
  tenant_id: (ctx) => ctx.projectId,
  domain_id: (ctx) => ctx.userDomainId,
  user_domain_id: (ctx) => ctx.userDomainId,
  project_domain_id: (ctx) => ctx.projectDomainId,
};

function leaf(word: string): Check {
  if (word === '@') return () => true;
  if (word === '!') return () => false;
  const colon = word.indexOf(':');
  if (colon < 0) throw new Error(`"${word}" is no policy check: it needs the form kind:match`);
  const kind = word.slice(0, colon);
  const match = word.slice(colon + 1);
  if (kind === 'rule') return (ctx, target, rules) => rules.get(match)?.(ctx, target, rules) ?? false;
  if (kind === 'role') return (ctx) => ctx.roles.includes(match.toLowerCase());
  if (kind === 'is_admin') return (ctx) => ctx.isAdmin === /^(true|1)$/i.test(match);
  const wanted = /^%\((.+)\)s$/.exec(match);
  const right = (target: PolicyTarget): unknown => (wanted ? target[wanted[1] as string] : match);
  const literal = /^(['"])(.*)\1$/.exec(kind);
  const left = literal ? (): unknown => literal[2] : credentials[kind];
  // An unknown credential never matches: a typo in an operator's file must not open anything.
  if (!left) return () => false;
  return (ctx, target) => {
    const [a, b] = [left(ctx), right(target)];
    return a !== null && a !== undefined && b !== undefined && String(a) === String(b);
  };
}

/** Recursive descent over `or` < `and` < `not` < parentheses. The empty check allows, as OpenStack's does. */
export function parsePolicy(text: string): Check {
  const tokens = text.match(/[()]|'[^']*':[^\s()]*(?:\([^)]*\)s)?|[^\s()]+(?:\([^)]*\)s)?/g) ?? [];
  let at = 0;
  const either = (): Check => {
    const parts = [both()];
    while (tokens[at]?.toLowerCase() === 'or') {
      at++;
      parts.push(both());
    }
    return parts.length === 1 ? (parts[0] as Check) : (...args) => parts.some((part) => part(...args));
  };
  const both = (): Check => {
    const parts = [one()];
    while (tokens[at]?.toLowerCase() === 'and') {
      at++;
      parts.push(one());
    }
    return parts.length === 1 ? (parts[0] as Check) : (...args) => parts.every((part) => part(...args));
  };
  const one = (): Check => {
    const token = tokens[at++];
    if (token === undefined) throw new Error(`The policy "${text}" ends too early`);
    if (token.toLowerCase() === 'not') {
      const inner = one();
      return (...args) => !inner(...args);
    }
    if (token !== '(') return leaf(token);
    const inner = either();
    if (tokens[at++] !== ')') throw new Error(`The policy "${text}" lacks a closing parenthesis`);
    return inner;
  };
  if (tokens.length === 0) return () => true;
  const check = either();
  if (at !== tokens.length) throw new Error(`The policy "${text}" has "${tokens[at]}" where "and" or "or" belongs`);
  return check;
}

/** What a caller asks about unless it is said: the caller's own. */
const ownTarget = (ctx: RequestContext): PolicyTarget => ({
  project_id: ctx.projectId,
  tenant_id: ctx.projectId,
  user_id: ctx.userId,
  domain_id: ctx.userDomainId,
});

export interface Enforcer {
  /** @throws Error for a rule that nobody declared: a mistake of ours, found by the route tests */
  allows(rule: string, ctx: RequestContext, target?: PolicyTarget): boolean;
  readonly rules: ReadonlySet<string>;
}

/** @param overrides an operator's `policy.json`: rule name → check */
export function createEnforcer(defaults: PolicyTable, overrides: Readonly<Record<string, string>> = {}): Enforcer {
  const rules = new Map<string, Check>();
  for (const [name, rule] of Object.entries(defaults))
    rules.set(name, parsePolicy(overrides[name] ?? (typeof rule === 'string' ? rule : rule.check)));
  for (const [name, check] of Object.entries(overrides)) if (!rules.has(name)) rules.set(name, parsePolicy(check));
  return {
    rules: new Set(rules.keys()),
    allows(rule, ctx, target = ownTarget(ctx)) {
      const check = rules.get(rule);
      if (!check) throw new Error(`No policy is declared for "${rule}"`);
      return check(ctx, target, rules);
    },
  };
}
