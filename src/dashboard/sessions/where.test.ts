import { describe, expect, it } from 'vitest';
import { recall, remember } from './where.ts';

describe('where', () => {
  it('is remembered for the last few users of a browser', () => {
    let cookie: string | null = null;
    for (const user of ['a', 'b', 'c', 'd', 'e', 'b'])
      cookie = remember(cookie, user, { projectId: `p-${user}`, region: '北京' });
    expect(['a', 'b', 'c', 'd', 'e'].map((user) => recall(cookie, user)?.projectId)).toEqual([
      undefined,
      'p-b',
      'p-c',
      'p-d',
      'p-e',
    ]);
    expect(recall(cookie, 'b')).toEqual({ projectId: 'p-b', region: '北京' });
    expect(cookie).toMatch(/^[\w-]+$/);
  });

  it.each([null, '', '!', 'bnVsbA', Buffer.from('[["u",1,2],"x",["u"]]').toString('base64url')])(
    'is nothing for %s',
    (cookie) => {
      expect(recall(cookie, 'u')).toBeNull();
      expect(recall(remember(cookie, 'u', { projectId: 'p', region: 'r' }), 'u')?.projectId).toBe('p');
    },
  );
});
