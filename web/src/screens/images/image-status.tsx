import { Status } from '#ui/status.tsx';

/**
 * An active image runs nowhere: it can be used. A queued one waits for somebody, nothing goes on: its badge does not turn.
 */
export const ImageStatus = ({ status }: { readonly status: string }) => (
  <Status status={status === 'active' ? 'available' : status} {...(status === 'queued' && { tone: 'warn' as const })} />
);
