/** The time, injected, so that tests can move it. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** `2014-09-12T08:00:00Z`: how Nova and Keystone v2 print a time. */
export const isoSeconds = (time: Date): string => time.toISOString().slice(0, 19) + 'Z';

/** `2014-09-12T08:00:00.000000`: microseconds, no zone; how Glance, Cinder and the databases keep a time. */
export const isoMicros = (time: Date): string => time.toISOString().slice(0, 23) + '000';
