import { describe, expect, it } from 'vitest';
import { novaFixture } from '../testing/fixture.ts';
import { checkExtraSpec } from './extra-spec-check.ts';

describe('extra specs', () => {
  it.each([
    ['hw:cpu_policy', 'dedicated'],
    ['hw:numa_nodes', '1'],
    ['hw:numa_cpus.0', '0-3,^2'],
    ['hw:mem_page_size', '2MiB'],
    ['hw_rng:allowed', 'True'],
    ['quota:disk_total_iops_sec', '100'],
    ['resources:CUSTOM_GPU', '2'],
    ['trait1:CUSTOM_FAST', 'required'],
    ['capabilities:cpu_info:features', '<in> aes'],
    ['our_own:anything', 'goes'],
    ['plain', 'x'],
  ])('%s = %s is taken', (name, value) => {
    expect(() => checkExtraSpec(name, value)).not.toThrow();
  });

  it.each([
    ['hw:cpu_polizy', 'x', "extra spec 'hw:cpu_polizy' does not appear to be a valid extra spec"],
    ['hw:cpu_policy', 'x', "'x' is not one of: dedicated, shared, mixed"],
    ['hw:numa_nodes', '0', "'0' is less than the minimum of 1"],
    ['hw:numa_nodes', 'two', "'two' is not of type integer"],
    ['hw:pmu', 'maybe', "'maybe' is not a boolean-like value"],
    ['trait:HW_X', 'wanted', "'wanted' is not one of: required, forbidden"],
    ['pci_passthrough:alias', 'gpu', "'gpu' is not of the format"],
  ])('%s = %s is refused', (name, value, message) => {
    expect(() => checkExtraSpec(name, value)).toThrow(`Validation failed; ${message}`);
  });

  it('are looked at from 2.86 on', async () => {
    const nova = await novaFixture({ hosts: [] });
    const set = async (version: string): Promise<number> =>
      (
        await nova.request('POST', '/v2.1/flavors/1/os-extra_specs', {
          token: 'demo/admin',
          version,
          body: { extra_specs: { 'hw:nonsense': '1' } },
        })
      ).status;
    expect([await set('2.85'), await set('2.86')]).toEqual([200, 400]);
    await nova.close();
  });
});
