import { describe, expect, it } from 'vitest';
import { signV4 } from './signature.ts';

const credentials = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
};
const now = new Date('2013-05-24T00:00:00Z');

// The examples of Amazon's own documentation of the signature.
describe('signature version 4', () => {
  it.each([
    [
      'https://examplebucket.s3.amazonaws.com/test.txt',
      { range: 'bytes=0-9' },
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      'https://examplebucket.s3.amazonaws.com/?lifecycle=',
      {},
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
    [
      'https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J',
      {},
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
  ])('of GET %s is as documented', (url, headers, signature) => {
    const signed = signV4({ method: 'GET', url: new URL(url), headers, body: '' }, credentials, now);
    expect(signed['authorization']).toContain(`Signature=${signature}`);
    expect(signed['authorization']).toContain(
      'Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;',
    );
  });
});
