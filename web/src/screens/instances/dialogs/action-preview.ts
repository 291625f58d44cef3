import { useSignedIn } from '#api/session.ts';
import type { Preview } from '#ui/command-preview.tsx';

/** How `POST /servers/{id}/action` shows in a form's preview. */
export function useActionPreview(id: string): (command: string, body: unknown) => Preview {
  const { services } = useSignedIn();
  return (command, body) => ({
    command,
    call: { method: 'POST', url: `${services.compute?.url}/servers/${id}/action`, body },
  });
}
