import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer } from '#common/auth/policy.ts';

/** Whose rows a query may see. */
export type Scope =
  /** An administrator sees everything; still their own project gets its default security group. */
  | { readonly kind: 'all'; readonly projectId: string | null }
  /** Null: a token without a project, which owns nothing. */
  | { readonly kind: 'project'; readonly projectId: string | null };

export const everyone: Scope = { kind: 'all', projectId: null };

/** Who asks, with what that allows. */
export interface Caller {
  readonly ctx: RequestContext;
  readonly isAdmin: boolean;
  readonly scope: Scope;
}

/** Who is an administrator is policy (`context_is_admin`), so an operator's file decides it. */
export function callerOf(ctx: RequestContext, enforcer: Enforcer): Caller {
  const isAdmin = ctx.isAdmin || enforcer.allows('context_is_admin', ctx);
  return { ctx, isAdmin, scope: { kind: isAdmin ? 'all' : 'project', projectId: ctx.projectId } };
}

/** Whether a project's own resource is in the scope. */
export const owns = (scope: Scope, projectId: string): boolean =>
  scope.kind === 'all' || (scope.projectId !== null && scope.projectId === projectId);
