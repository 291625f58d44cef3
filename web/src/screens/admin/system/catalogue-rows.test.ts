import { expect, it } from 'vitest';
import { catalogueRows } from './catalogue-rows.ts';

const entry = (type: string, url: string, given: { readonly region?: string; readonly interface?: string } = {}) => ({
  type,
  name: type,
  endpoints: [{ interface: given.interface ?? 'public', region: given.region ?? 'one', url }],
});

it('puts the services that the console asks first, each once, and leaves out what is not public or here', () => {
  const rows = catalogueRows(
    [
      entry('ec2', 'http://c:8773/services/Cloud'),
      entry('volume', 'http://c:8776/v1/p'),
      entry('volumev3', 'http://c:8776/v3/p'),
      entry('identity', 'http://c:5000/v2.0'),
      entry('image', 'http://c:9292'),
      entry('compute', 'http://c:8774/v2.1/p', { interface: 'admin' }),
      entry('network', 'http://d:9696', { region: 'two' }),
    ],
    'one',
    {
      identity: { url: 'http://c:5000/v3' },
      image: { url: 'http://c:9292/v2' },
      volume: { url: 'http://c:8776/v3/p' },
    },
  );
  expect(rows.map(({ type, key }) => [type, key])).toEqual([
    ['identity', 'identity'],
    ['image', 'image'],
    ['volumev3', 'volume'],
    ['ec2', null],
    ['volume', null],
  ]);
});
