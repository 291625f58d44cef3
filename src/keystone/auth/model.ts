import type { SignedRequest } from '../oauth1/signature.ts';

/** Names a user: by id, or by name within a domain that is named by id or name. */
export type UserReference =
  | { readonly id: string }
  | { readonly name: string; readonly domain: { readonly id: string } | { readonly name: string } };

export type ProjectReference = UserReference;
export type DomainReference = { readonly id: string } | { readonly name: string };

/** What a client offers as proof. */
export type Proof =
  | { readonly method: 'password'; readonly user: UserReference; readonly password: string }
  | { readonly method: 'token'; readonly token: string }
  | {
      readonly method: 'application_credential';
      readonly credential: { readonly id: string } | { readonly name: string; readonly user: UserReference };
      readonly secret: string;
    }
  /** Keystone has seen the proof itself: a signature with an EC2 key. */
  | { readonly method: 'ec2credential'; readonly userId: string }
  | { readonly method: 'oauth1'; readonly signed: SignedRequest };

/** What a client wants a token for. `default`: the user's default project, if there is one and a role on it. */
export type WantedScope =
  | { readonly kind: 'default' }
  | { readonly kind: 'unscoped' }
  | { readonly kind: 'project'; readonly project: ProjectReference }
  | { readonly kind: 'domain'; readonly domain: DomainReference }
  | { readonly kind: 'system' }
  /** To act by a trust. */
  | { readonly kind: 'trust'; readonly id: string };

export interface AuthRequest {
  /** At least one; all of them must hold, for the same user. */
  readonly proofs: readonly Proof[];
  readonly scope: WantedScope;
  /** In which API's words a signed token is; v3 unless given. */
  readonly api?: 'v2.0' | 'v3';
}
