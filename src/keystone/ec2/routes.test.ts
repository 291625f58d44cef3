import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, startTestCloud, type Answer, type TestCloud } from '../testing/cloud.ts';
import { isSignedWithSecret } from './signature.ts';

let cloud: TestCloud;
let key: { access: string; secret: string };
beforeAll(async () => {
  cloud = await startTestCloud();
  const path = `/v3/users/${cloud.ids.users['demo']}/credentials/OS-EC2`;
  const body = { tenant_id: cloud.ids.projects['demo'] };
  key = (await cloud.call('POST', path, body, { token: await cloud.token('demo') })).body.credential as typeof key;
});
afterAll(() => cloud.close());

const now = '2026-11-23T01:03:00Z';
/** A request of version 2 as boto makes it. */
const version2 = (timestamp = now) => {
  const params: Record<string, string> = {
    AWSAccessKeyId: key.access,
    Action: 'DescribeInstances',
    SignatureMethod: 'HmacSHA256',
    SignatureVersion: '2',
    Timestamp: timestamp,
  };
  const query = Object.keys(params)
    .sort()
    .map((name) => `${name}=${encodeURIComponent(params[name] ?? '')}`)
    .join('&');
  const text = ['GET', 'controller:8773', '/services/Cloud/', query].join('\n');
  const signature = createHmac('sha256', key.secret).update(text).digest('base64');
  return { access: key.access, signature, host: 'controller:8773', verb: 'GET', path: '/services/Cloud/', params };
};

describe('ec2tokens', () => {
  it('say who signed a request, in the words of either API', async () => {
    const v3 = await cloud.call('POST', '/v3/ec2tokens', { credentials: version2() });
    expect(v3.body.token).toMatchObject({
      methods: ['ec2credential'],
      user: { name: 'demo' },
      project: { name: 'demo' },
    });
    const token = v3.headers['x-subject-token'] ?? '';
    expect((await cloud.call('GET', '/v3/auth/projects', undefined, { token })).status).toBe(200);
    for (const name of ['credentials', 'ec2Credentials', 'OS-KSEC2:ec2Credentials']) {
      const v2 = await cloud.call('POST', '/v2.0/ec2tokens', { [name]: version2() }, { port: 'admin' });
      expect(v2.body.access.user.name).toBe('demo');
    }
  });

  it('refuse what was not signed with the secret, or long ago', async () => {
    const refused: object[] = [
      { ...version2(), signature: 'x' },
      { ...version2(), path: '/other' },
      { ...version2(), access: 'nobody' },
      version2('2026-11-22T00:00:00Z'),
    ];
    for (const credentials of refused) {
      const answer: Answer = await cloud.call('POST', '/v3/ec2tokens', { credentials });
      expect(answer.status).toBe(401);
    }
    expect((await cloud.call('POST', '/v3/ec2tokens', {})).status).toBe(401);
  });

  it("check Amazon's own example of version 4", () => {
    // docs.aws.amazon.com/general/latest/gr/sigv4-create-canonical-request.html
    const signedHeaders = 'content-type;host;x-amz-date';
    const request = {
      verb: 'GET',
      host: 'iam.amazonaws.com',
      path: '/',
      params: { Action: 'ListUsers', Version: '2010-05-08' },
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8',
        'X-Amz-Date': '20150830T123600Z',
        Authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=${signedHeaders}, Signature=x`,
      },
      bodyHash: createHash('sha256').update('').digest('hex'),
      signature: '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    };
    expect(isSignedWithSecret(request, 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY')).toBe(true);
    expect(isSignedWithSecret(request, 'another')).toBe(false);
  });

  it('for S3 are for services only', async () => {
    const token = Buffer.from('GET\n\n\n\n/bucket').toString('base64');
    const signature = createHmac('sha1', key.secret).update(Buffer.from(token, 'base64')).digest('base64');
    const body = { credentials: { access: key.access, token, signature } };
    expect((await cloud.call('POST', '/v3/s3tokens', body)).status).toBe(401);
    expect((await cloud.call('POST', '/v3/s3tokens', body, { token: await cloud.token('demo') })).status).toBe(403);
    const answer = await cloud.call('POST', '/v3/s3tokens', body, { token: adminToken });
    expect(answer.body.token.user.name).toBe('demo');
  });
});

it('EC2 key pairs go with their user', async () => {
  const made = await cloud.call('POST', '/v3/users', { user: { name: 'gone' } }, { token: adminToken });
  const { id } = made.body.user as { id: string };
  const body = { tenant_id: cloud.ids.projects['demo'] };
  const path = `/v3/users/${id}/credentials/OS-EC2`;
  const access = (await cloud.call('POST', path, body, { token: adminToken })).body.credential.access as string;
  await cloud.call('DELETE', `/v3/users/${id}`, undefined, { token: adminToken });
  expect((await cloud.call('GET', `${path}/${access}`, undefined, { token: adminToken })).status).toBe(404);
});
