import { describe, expect, it } from 'vitest';
import type { AnyService } from './every-service.ts';
import { disableCall, disableCommand, isFixed } from './switch-command.ts';

const service = (given: Partial<AnyService>): AnyService => ({
  id: 'compute/1',
  owner: 'compute',
  ownId: '1',
  binary: 'nova-compute',
  host: 'node-1',
  zone: null,
  up: true,
  enabled: true,
  reason: null,
  heard: null,
  forcedDown: false,
  ...given,
});

describe('the command that disables a daemon', () => {
  it('is its owner’s, with the reason quoted for the shell', () => {
    expect(disableCommand(service({}), "rack's fan")).toBe(
      "openstack compute service set --disable --disable-reason 'rack'\\''s fan' node-1 nova-compute",
    );
    expect(disableCommand(service({ owner: 'volume', binary: 'cinder-volume', host: 'node-1@lvm' }), '')).toBe(
      'openstack volume service set --disable node-1@lvm cinder-volume',
    );
  });
  it('names an agent by its id, and keeps no reason', () => {
    expect(disableCommand(service({ owner: 'network', ownId: 'a1' }), 'x')).toBe(
      'openstack network agent set --disable a1',
    );
  });
});

it('the call is its owner’s too', () => {
  expect(disableCall(service({}), '', 'u')).toEqual({
    method: 'PUT',
    url: 'u/os-services/1',
    body: { status: 'disabled' },
  });
  expect(disableCall(service({ owner: 'network' }), 'x', 'u').body).toEqual({ agent: { admin_state_up: false } });
  expect(disableCall(service({ owner: 'volume', binary: 'cinder-backup' }), 'x', 'u')).toEqual({
    method: 'PUT',
    url: 'u/os-services/disable-log-reason',
    body: { binary: 'cinder-backup', host: 'node-1', disabled_reason: 'x' },
  });
});

it('only nova-compute of Nova’s daemons can be switched', () => {
  expect(isFixed(service({}))).toBe(false);
  expect(isFixed(service({ binary: 'nova-scheduler' }))).toBe(true);
  expect(isFixed(service({ owner: 'volume', binary: 'cinder-scheduler' }))).toBe(false);
});
