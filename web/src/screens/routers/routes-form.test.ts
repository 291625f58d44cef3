import { describe, expect, it } from 'vitest';
import { routeProblems } from './routes-form.ts';

const connected = ['10.0.0.0/24', '2001:db8::/64'];
const problem = (destination: string, nexthop: string) => routeProblems([{ destination, nexthop }], connected)[0];

describe('static routes', () => {
  it.each([
    ['10.9.0.0/16', '10.0.0.5', null],
    ['::/0', '2001:db8::5', null],
    ['10.9.0.0', '10.0.0.5', 'wrongDestination'],
    ['10.9.0.0/16', 'router', 'wrongNexthop'],
    ['10.9.0.0/16', '2001:db8::5', 'versions'],
    ['10.9.0.0/16', '10.1.0.5', 'unreachable'],
  ])('%s via %s: %s', (destination, nexthop, wrong) => expect(problem(destination, nexthop)).toBe(wrong));

  it('finds one that is there twice, however it is written', () => {
    const routes = [
      { destination: '10.9.0.0/16', nexthop: '10.0.0.5' },
      { destination: '10.9.1.2/16', nexthop: '10.0.0.5' },
    ];
    expect(routeProblems(routes, connected)).toEqual([null, 'twice']);
  });
  it('refuses nothing of what it cannot know', () => {
    expect(routeProblems([{ destination: '0.0.0.0/0', nexthop: '192.0.2.1' }], [])).toEqual([null]);
  });
});
