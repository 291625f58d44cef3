import type { ApiError } from '#common/api/errors.ts';
import { conflict, forbidden, notFound, unauthorized } from '#common/api/errors.ts';

/** 404 in Keystone's words. */
export const couldNotFind = (what: string, id: string): ApiError => notFound(`Could not find ${what}: ${id}.`);

/** 409 in Keystone's words. @param why `Duplicate entry found with name x` */
export const conflictStoring = (what: string, why: string): ApiError =>
  conflict(`Conflict occurred attempting to store ${what} - ${why}.`);

/**
 * 401. One text for every reason, so that nobody learns from it whether a user exists, is disabled, or had a wrong
 * password. The API adds `WWW-Authenticate`.
 */
export const authenticationRequired = (): ApiError =>
  unauthorized('The request you have made requires authentication.');

/** 403 for what `options.immutable` protects. */
export const immutableResource = (verb: 'update' | 'delete', type: string, id: string): ApiError =>
  forbidden(`Unable to ${verb} immutable ${type} resource: \`${id}. Set resource option "immutable" to false first.`);

/** 403 in Keystone's words for an action that the caller may not do in this way. */
export const forbiddenAction = (action: string): ApiError =>
  forbidden(`You are not authorized to perform the requested action: ${action}.`);
