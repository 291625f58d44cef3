import { Status } from '#ui/status.tsx';

/** A queued image waits for somebody, nothing goes on: its badge does not turn. */
export const ImageStatus = ({ status }: { readonly status: string }) => (
  <Status status={status} {...(status === 'queued' && { tone: 'warn' })} />
);
