export { crashAfter, type CrashPoint } from '#common/db/testing/crash.ts';
