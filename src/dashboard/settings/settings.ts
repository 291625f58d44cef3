/** Everything that decides how the dashboard works: from its options and the manual's `local_settings`. */
export interface DashboardSettings {
  /** Where it listens. */
  readonly bindHost: string;
  readonly bindPort: number;
  /** Keystone's v3 root: `OPENSTACK_KEYSTONE_URL`, else `http://OPENSTACK_HOST:5000/v3`. */
  readonly keystoneUrl: string;
  /** `ALLOWED_HOSTS`: Host headers that are answered; `*` any, `.example.org` a domain with its subdomains. */
  readonly allowedHosts: readonly string[];
  /** `CACHES`: where sessions are kept. */
  readonly sessions: { readonly kind: 'memory' } | { readonly kind: 'memcached'; readonly servers: readonly string[] };
  /** `TIME_ZONE` (IANA); null: each browser's own. */
  readonly timeZone: string | null;
  /** `OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT`. */
  readonly multiDomain: boolean;
  /** `OPENSTACK_KEYSTONE_DEFAULT_DOMAIN`: a domain's name. */
  readonly defaultDomain: string;
  /** `SESSION_TIMEOUT`: seconds that a session lives without a request. */
  readonly sessionSeconds: number;
  /** `SESSION_COOKIE_SECURE`: only over https. */
  readonly secureCookies: boolean;
  /** Folder of the built single-page app (`index.html`, `assets/`). */
  readonly webRoot: string;
}
