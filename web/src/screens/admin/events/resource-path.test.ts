import { expect, it } from 'vitest';
import { resourcePath } from './resource-path.ts';

it('leads to a thing’s page, or to the list of its kind, or nowhere', () => {
  expect(resourcePath('server', 'a')).toBe('/instances/a');
  expect(resourcePath('flavor', 'm1/x')).toBe('/admin/flavors');
  expect(resourcePath('router', '../x')).toBe('/routers/..%2Fx');
  expect(resourcePath('toString', 'a')).toBeNull();
  expect(resourcePath('region', 'a')).toBeNull();
});
