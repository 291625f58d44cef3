/** Names a user: by id, or by name within a domain that is named by id or name. */
export type UserReference =
  | { readonly id: string }
  | { readonly name: string; readonly domain: { readonly id: string } | { readonly name: string } };

export type ProjectReference = UserReference;
export type DomainReference = { readonly id: string } | { readonly name: string };

/** What a client offers as proof. */
export type Proof =
  | { readonly method: 'password'; readonly user: UserReference; readonly password: string }
  | { readonly method: 'token'; readonly token: string };

/** What a client wants a token for. `default`: the user's default project, if there is one and a role on it. */
export type WantedScope =
  | { readonly kind: 'default' }
  | { readonly kind: 'unscoped' }
  | { readonly kind: 'project'; readonly project: ProjectReference }
  | { readonly kind: 'domain'; readonly domain: DomainReference }
  | { readonly kind: 'system' };

export interface AuthRequest {
  /** At least one; all of them must hold, for the same user. */
  readonly proofs: readonly Proof[];
  readonly scope: WantedScope;
}
