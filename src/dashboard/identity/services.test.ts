import { describe, expect, it } from 'vitest';
import type { CatalogEntry } from '../session-document.ts';
import { regionsOf, servicesOf, startRegion } from './services.ts';

const entry = (type: string, url: string, region = 'R1', face = 'public'): CatalogEntry => ({
  type,
  name: type,
  endpoints: [{ interface: face, region, url }],
});
const keystone = 'http://controller:5000/v3';
const urlsOf = (catalog: readonly CatalogEntry[], region = 'R1') =>
  Object.fromEntries(Object.entries(servicesOf(catalog, region, keystone)).map(([key, { url }]) => [key, url]));

describe('servicesOf', () => {
  it('reads the catalogue of the manual: old versions, slashes, admin ports', () => {
    expect(
      urlsOf([
        entry('identity', 'http://controller:5000/v2.0'),
        entry('compute', 'http://controller:8774/v2/0123'),
        entry('image', 'http://controller:9292'),
        entry('network', 'http://controller:9696/'),
        entry('volume', 'http://controller:8776/v1/0123'),
        entry('volumev2', 'http://controller:8776/v2/0123'),
      ]),
    ).toEqual({
      identity: 'http://controller:5000/v3',
      compute: 'http://controller:8774/v2.1/0123',
      image: 'http://controller:9292/v2',
      network: 'http://controller:9696/v2.0',
      volume: 'http://controller:8776/v3/0123',
    });
  });

  it('reads a catalogue of today, with paths instead of ports', () => {
    expect(
      urlsOf([
        entry('identity', 'https://cloud/identity'),
        entry('compute', 'https://cloud/compute/v2.1'),
        entry('image', 'https://cloud/image/v2/'),
        entry('network', 'https://cloud/networking/v2.0'),
        entry('volume', 'https://cloud/volume/v1/0123'),
        entry('volumev3', 'https://cloud/volume/v3/0123'),
        entry('event', 'https://cloud:8790/v1'),
      ]),
    ).toEqual({
      identity: 'https://cloud/identity/v3',
      compute: 'https://cloud/compute/v2.1',
      image: 'https://cloud/image/v2',
      network: 'https://cloud/networking/v2.0',
      volume: 'https://cloud/volume/v3/0123',
      event: 'https://cloud:8790/v1',
    });
  });

  it('takes public endpoints of the region; Identity of any, or the one that it signed in at', () => {
    const catalog = [
      entry('identity', 'http://id/v3', 'R1'),
      entry('compute', 'http://one/v2.1', 'R1'),
      entry('compute', 'http://two/v2.1', 'R2'),
      entry('image', 'http://inside', 'R2', 'internal'),
      entry('network', 'no url', 'R2'),
    ];
    expect(urlsOf(catalog, 'R2')).toEqual({ identity: 'http://id/v3', compute: 'http://two/v2.1' });
    expect(urlsOf([], 'R2')).toEqual({ identity: keystone });
  });
});

describe('regions', () => {
  const catalog = [
    entry('identity', 'http://id', 'R0'),
    entry('image', 'http://i', 'R2'),
    entry('compute', 'http://c', 'R2'),
  ];
  it('are those with public endpoints', () => {
    expect(regionsOf([...catalog, entry('x', 'http://x', 'R9', 'internal')])).toEqual(['R0', 'R2']);
  });
  it('begin with the wanted one, else with one where servers are', () => {
    expect([startRegion(catalog), startRegion(catalog, 'R0'), startRegion(catalog, 'Mars'), startRegion([])]).toEqual([
      'R2',
      'R0',
      'R2',
      '',
    ]);
  });
});
