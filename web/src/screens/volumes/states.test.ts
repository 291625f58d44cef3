import { describe, expect, it } from 'vitest';
import type { Volume } from '../../api/volume/volumes.ts';
import { looksStuck, nameOf, rightStatus } from './states.ts';

const volume = (status: string, attached = false): Volume =>
  ({
    id: '0123456789abcdef',
    name: '',
    status,
    attachments: attached ? [{ server_id: 's', attachment_id: 'a', device: '/dev/vdb', attached_at: '' }] : [],
  }) as unknown as Volume;

describe('a volume', () => {
  it('without a name is called by the beginning of its id', () => {
    expect(nameOf(volume('available'))).toBe('01234567');
    expect(nameOf({ id: 'x', name: 'data' })).toBe('data');
  });

  it('that is in order needs no repair', () => {
    expect(rightStatus(volume('available'), false)).toBeNull();
    expect(rightStatus(volume('in-use', true), true)).toBeNull();
    expect(looksStuck(volume('available'))).toBe(false);
  });

  it('should say what is so, whatever it says', () => {
    expect(rightStatus(volume('detaching', true), false)).toBe('available');
    expect(rightStatus(volume('detaching', true), true)).toBe('in-use');
    expect(rightStatus(volume('error_deleting'), false)).toBe('available');
    expect(rightStatus(volume('available', true), false)).toBe('available');
    expect(looksStuck(volume('detaching'))).toBe(true);
    expect(looksStuck(volume('error_extending'))).toBe(true);
  });
});
