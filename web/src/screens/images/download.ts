import { proxied, request } from '#api/client.ts';
import type { Image } from '#api/image/images.ts';

/**
 * Has the browser save an image's data.
 * @throws ApiFault; the image is asked for first, so that an ended session or image is told before anything is saved
 */
export async function downloadImage({ id, name, disk_format }: Image): Promise<void> {
  await request('image', `/images/${id}`);
  const link = document.createElement('a');
  link.href = proxied('image', `/images/${id}/file`);
  link.download = `${(name || id).replace(/[\\/]/g, '-')}${disk_format === null ? '' : `.${disk_format}`}`;
  link.click();
}
