export type * from '../../../src/dashboard/session-document.ts';
