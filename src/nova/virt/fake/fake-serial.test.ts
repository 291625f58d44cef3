import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { FakeSerial } from './fake-serial.ts';

it('grows by itself while its guest runs, and is bounded', async () => {
  let now = 0;
  const serial = new FakeSerial('instance-1', 0, () => now);
  expect(serial.log()).toMatch(/^FAKE CONSOLE OUTPUT\n(.*\n){9}\ninstance-1 login: $/);
  now = 10_000;
  expect(serial.log().split('\n').slice(-2)).toEqual([
    '[    5.000000] simulated: still here after 5 s',
    '[   10.000000] simulated: still here after 10 s',
  ]);
  for (let day = 1; day < 20; day++) {
    now = day * 86_400_000;
    expect(serial.log().length).toBeLessThan(70_000);
  }
  expect(serial.log()).toContain(`still here after ${now / 1000} s`);
  await serial.end();
  const last = serial.log();
  now += 60_000;
  expect(serial.log()).toBe(last);
});

it('answers what is typed, to whoever is connected and in its log', async () => {
  const serial = new FakeSerial('instance-1', 0, () => 0);
  const { host, port } = await serial.endpoint();
  expect(await serial.endpoint()).toEqual({ host, port });
  const client = connect(port, host);
  let heard = '';
  client.on('data', (chunk) => (heard += String(chunk)));
  client.write('hello\r');
  await expect.poll(() => heard).toBe('hello\r\nYou said: hello\r\ninstance-1 login: ');
  expect(serial.log()).toMatch(/login: hello\nYou said: hello\ninstance-1 login: $/);
  const closed = once(client, 'close');
  await serial.end();
  await closed;
});
