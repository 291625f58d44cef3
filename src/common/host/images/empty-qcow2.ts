/** For guests and volumes without bytes: an empty qcow2 image of a mebibyte: four clusters of 512 bytes (header, table and block of reference counts, L1 table). */
export const EMPTY_QCOW2 = ((): Buffer => {
  const image = Buffer.alloc(4 * 512);
  image.write('QFI\xfb', 0, 'latin1');
  image.writeUInt32BE(2, 4); // version
  image.writeUInt32BE(9, 20); // a cluster is 2⁹ bytes
  image.writeBigUInt64BE(1024n * 1024n, 24); // virtual size
  image.writeUInt32BE(32, 36); // entries of the L1 table
  image.writeBigUInt64BE(3n * 512n, 40); // where it is
  image.writeBigUInt64BE(512n, 48); // where the table of reference counts is
  image.writeUInt32BE(1, 56); // its clusters
  image.writeBigUInt64BE(2n * 512n, 512); // the first block of it
  for (let cluster = 0; cluster < 4; cluster++) image.writeUInt16BE(1, 1024 + cluster * 2);
  return image;
})();
