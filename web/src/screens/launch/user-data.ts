/** Nova takes so many characters of base64. */
export const USER_DATA_LIMIT = 65_535;

/** UTF-8, then base64. */
export function encodeUserData(text: string): string {
  let bytes = '';
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return btoa(bytes);
}

/** Bytes of text that fit: base64 makes four characters of three bytes. */
export const userDataBytes = (text: string): number => new TextEncoder().encode(text).length;
export const USER_DATA_BYTES = Math.floor(USER_DATA_LIMIT / 4) * 3;

/** What cloud-init makes of it, told by its first line; null: nothing that it knows. */
export function userDataKind(text: string): 'cloud-config' | 'script' | 'other' | null {
  const [first = ''] = text.split('\n', 1);
  if (/^#cloud-config\s*$/.test(first)) return 'cloud-config';
  if (first.startsWith('#!')) return 'script';
  if (/^(#include|#cloud-boothook|#part-handler|#upstart-job|Content-Type:|## template:|\{)/i.test(first))
    return 'other';
  return null;
}

export const cloudConfigExample = `#cloud-config
package_update: true
packages:
  - nginx
users:
  - default
  - name: ops
    sudo: ALL=(ALL) NOPASSWD:ALL
    shell: /bin/bash
runcmd:
  - systemctl enable --now nginx
`;
