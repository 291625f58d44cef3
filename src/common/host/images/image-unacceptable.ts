/** An image that cannot become a disk here. The message is for the person who asked for it. */
export class ImageUnacceptable extends Error {
  override readonly name = 'ImageUnacceptable';
  readonly imageId: string;

  constructor(imageId: string, why: string, cause?: unknown) {
    super(`Image ${imageId} is unacceptable: ${why}`, cause === undefined ? undefined : { cause });
    this.imageId = imageId;
  }
}
