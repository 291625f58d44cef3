/** The flavor's root disk is smaller than the image. */
export class FlavorDiskTooSmall extends Error {
  override readonly name = 'FlavorDiskTooSmall';

  constructor(imageBytes: number, flavorGb: number) {
    const needed = Math.ceil(imageBytes / 1024 ** 3);
    super(
      `Flavor's disk is too small for requested image: it has ${flavorGb} GB and the image needs ${needed} GB. Choose a larger flavor.`,
    );
  }
}
