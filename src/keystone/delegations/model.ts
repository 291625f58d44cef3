import type { Delegation, Scope } from '../tokens/payload.ts';

/** What a token shows of the right that its user acts by. */
export type Delegated =
  | {
      readonly kind: 'trust';
      readonly id: string;
      readonly trustorId: string;
      readonly trusteeId: string;
      readonly impersonation: boolean;
    }
  | {
      readonly kind: 'application_credential';
      readonly id: string;
      readonly name: string;
      /** It may not be used to make or remove further ones. */
      readonly restricted: boolean;
      readonly accessRules: readonly AccessRuleView[];
    }
  | { readonly kind: 'oauth1'; readonly id: string; readonly consumerId: string };

/** A request that may be made: `{service: 'compute', method: 'GET', path: '/v2.1/servers'}`. */
export interface AccessRuleView {
  readonly id: string;
  readonly service: string;
  readonly method: string;
  readonly path: string;
}

/** A right as it stands now. */
export interface Right {
  /** Whose roles they are. */
  readonly holderId: string;
  /** The roles that are passed on. */
  readonly roleIds: readonly string[];
  /** Whether the right ends when the holder has lost one of them; else the others go on. */
  readonly allNeeded: boolean;
  /** The users that must be enabled besides the token's own. */
  readonly userIds: readonly string[];
  readonly view: Delegated;
}

/** Null: there is no such right, or it is another user's, or for another scope. */
export type DelegationReader = (delegation: Delegation, userId: string, scope: Scope) => Promise<Right | null>;
