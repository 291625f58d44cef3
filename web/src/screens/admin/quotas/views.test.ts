import { describe, expect, it } from 'vitest';
import { columnsOf, servicesOf } from './views.ts';

describe('quota views', () => {
  it('asks only the services whose columns are shown', () => {
    expect(servicesOf(columnsOf('network', ['compute', 'volume', 'network']))).toEqual(['network']);
    expect(servicesOf(columnsOf('main', ['compute', 'volume', 'network']))).toEqual(['compute', 'volume', 'network']);
  });
  it('leaves out services that the cloud has not', () => {
    expect(columnsOf('main', ['compute']).map(({ resource }) => resource)).toEqual(['instances', 'cores', 'ram']);
    expect(columnsOf('volume', ['compute'])).toEqual([]);
  });
});
