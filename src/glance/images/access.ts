import { forbidden, notFound, type ApiError } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import type { Image } from './image.ts';
import { goneStatuses } from './status.ts';

/** @param isMember whether the image is shared with the caller's project */
export function isVisible(image: Image, ctx: RequestContext, isMember: boolean): boolean {
  if (goneStatuses.includes(image.status)) return false;
  if (ctx.isAdmin || image.visibility === 'public' || image.visibility === 'community') return true;
  if (ctx.projectId === null) return false;
  return image.owner === ctx.projectId || (image.visibility === 'shared' && isMember);
}

/** What policies see of an image. */
export const targetOf = (image: Pick<Image, 'owner' | 'visibility'>): Record<string, unknown> => ({
  project_id: image.owner,
  tenant_id: image.owner,
  owner: image.owner,
  visibility: image.visibility,
});

/** The same words whether it is not there or not for this caller. */
export const noImage = (id: string): ApiError => notFound(`No image found with ID ${id}`);

/** @throws ApiError 403 when the policy refuses the caller this image */
export function enforce(
  enforcer: Enforcer,
  rule: string,
  ctx: RequestContext,
  image: Pick<Image, 'owner' | 'visibility'>,
  message = 'You are not authorized to complete this action.',
): void {
  if (!enforcer.allows(rule, ctx, targetOf(image))) throw forbidden(message);
}
