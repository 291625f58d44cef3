import { createApp, type AppOptions, type HttpApp } from '#common/api/app.ts';
import { keystoneFaults } from '#common/api/faults.ts';
import type { AnyRoute } from '#common/api/route.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import { applicationCredentialRoutes } from '../application-credentials/routes.ts';
import { assignmentRoutes } from '../assignments/routes.ts';
import { authRoutes } from '../auth/routes.ts';
import { endpointRoutes } from '../catalog/endpoint-routes.ts';
import { regionRoutes } from '../catalog/region-routes.ts';
import { serviceRoutes } from '../catalog/service-routes.ts';
import { credentialRoutes } from '../credentials/routes.ts';
import { domainConfigRoutes } from '../domain-config/routes.ts';
import { domainRoutes } from '../domains/routes.ts';
import { ec2Routes, v2Ec2Routes } from '../ec2/routes.ts';
import { endpointFilterRoutes } from '../endpoint-filter/routes.ts';
import { groupRoutes } from '../groups/routes.ts';
import type { Identity } from '../identity.ts';
import { limitRoutes } from '../limits/routes.ts';
import { oauthRoutes } from '../oauth1/routes.ts';
import { policyBlobRoutes } from '../policy-blobs/routes.ts';
import { projectRoutes } from '../projects/routes.ts';
import { roleRoutes } from '../roles/routes.ts';
import { certificateRoutes, v2CertificateRoutes, v2RevokedRoutes } from '../tokens/certificate-routes.ts';
import { trustRoutes } from '../trusts/routes.ts';
import { userRoutes } from '../users/routes.ts';
import { adminCatalogRoutes } from '../v2/catalog-routes.ts';
import { adminExtensions, extensionRoutes, publicExtensions } from '../v2/extension-routes.ts';
import { adminTenantRoutes, publicTenantRoutes } from '../v2/tenant-routes.ts';
import { adminTokenRoutes, publicTokenRoutes } from '../v2/token-routes.ts';
import { adminUserRoutes, ec2CredentialRoutes, publicUserRoutes } from '../v2/user-routes.ts';
import { createAuthenticate } from './authenticate.ts';
import { v2VersionRoutes, v3VersionRoutes, versionsRoutes } from './versions.ts';

const v3: readonly AnyRoute<Identity>[] = [
  ...v3VersionRoutes,
  ...authRoutes,
  ...projectRoutes,
  ...domainRoutes,
  ...userRoutes,
  ...groupRoutes,
  ...roleRoutes,
  ...assignmentRoutes,
  ...regionRoutes,
  ...serviceRoutes,
  ...endpointRoutes,
  ...credentialRoutes,
  ...ec2Routes,
  ...trustRoutes,
  ...applicationCredentialRoutes,
  ...oauthRoutes,
  ...policyBlobRoutes,
  ...endpointFilterRoutes,
  ...domainConfigRoutes,
  ...limitRoutes,
  ...certificateRoutes,
];

/** The v2.0 API is two: what anybody needs on the public port, administration on the admin port. */
const v2: Readonly<Record<'public' | 'admin', readonly AnyRoute<Identity>[]>> = {
  public: [
    ...v2VersionRoutes,
    ...extensionRoutes(publicExtensions),
    ...publicTokenRoutes,
    ...publicTenantRoutes,
    ...publicUserRoutes,
    ...v2CertificateRoutes,
    ...v2Ec2Routes,
    ...ec2CredentialRoutes,
  ],
  admin: [
    ...v2VersionRoutes,
    ...extensionRoutes(adminExtensions),
    ...publicTokenRoutes,
    ...v2CertificateRoutes,
    ...v2RevokedRoutes,
    ...v2Ec2Routes,
    ...ec2CredentialRoutes,
    ...adminTokenRoutes,
    ...adminTenantRoutes,
    ...adminUserRoutes,
    ...adminCatalogRoutes,
  ],
};

export interface KeystoneAppOptions extends Omit<AppOptions, 'name' | 'faults'> {
  readonly identity: Identity;
  readonly enforcer: Enforcer;
}

/** One port's application. v3 is the same on both. */
export function createKeystoneApp(
  port: 'public' | 'admin',
  { identity, enforcer, ...options }: KeystoneAppOptions,
): HttpApp {
  const app = createApp({ ...options, name: 'keystone', faults: keystoneFaults });
  app.fastify.addHook('onSend', (request, reply, payload, done) => {
    void reply.header('vary', 'X-Auth-Token');
    if (reply.statusCode === 401 && !reply.hasHeader('www-authenticate')) {
      const version = request.url.startsWith('/v2.0') ? 'v2.0' : 'v3';
      void reply.header('www-authenticate', `Keystone uri="${request.protocol}://${request.host}/${version}"`);
    }
    done(null, payload);
  });
  const authenticate = createAuthenticate({
    tokens: identity.tokens,
    adminToken: identity.config.DEFAULT.admin_token,
  });
  const common = { service: identity, enforcer, authenticate };
  app.mount({ ...common, points: [{ prefix: '', api: 'versions', version: '3.14' }], routes: versionsRoutes });
  app.mount({ ...common, points: [{ prefix: '/v3', api: 'v3', version: '3.14' }], routes: v3 });
  app.mount({ ...common, points: [{ prefix: '/v2.0', api: 'v2.0', version: '2.0' }], routes: v2[port] });
  return app;
}
