import { describe, expect, test } from 'vitest';
import type { Endpoint } from './endpoint.ts';
import { endpointText, readEndpoint, redirectTarget } from './endpoint.ts';

const master: Endpoint = { scheme: 'http', host: 'm1.example.org', port: 5050, socketPath: null };

describe('addresses', () => {
  test.each([
    ['m1.example.org:5051', 'http://m1.example.org:5051'],
    ['m1.example.org', 'http://m1.example.org:5050'],
    ['127.0.0.1:80', 'http://127.0.0.1:80'],
    ['[::1]:5050', 'http://[::1]:5050'],
    ['http://m1.example.org', 'http://m1.example.org:5050'],
    ['https://m1.example.org:443/', 'https://m1.example.org:443'],
  ])('%s is %s', (text, read) => {
    const reading = readEndpoint(text, 5050);
    expect(reading.ok && endpointText(reading.endpoint)).toBe(read);
  });

  test.each([
    ['', 'is not host:port'],
    ['m1.example.org:99999', 'is not host:port'],
    ['m1 m2', 'is not host:port'],
    ['zk://z1:2181/mesos', 'is not host:port'],
    ['http://m1:5050/api/v1/scheduler', 'has more than host and port'],
    ['http://torque:hunter2@m1:5050', 'an address with a user or password is not taken (host m1)'],
  ])('%j is refused', (text, why) => {
    expect(readEndpoint(text, 5050)).toEqual({ ok: false, why: expect.stringContaining(why) as unknown });
  });
});

describe('redirects', () => {
  test.each([
    ['//m2.example.org:5050/master/api/v1/scheduler', 'http://m2.example.org:5050'],
    ['https://m2.example.org:5050/x?y', 'https://m2.example.org:5050'],
    ['http://m2.example.org', 'http://m2.example.org:80'],
    ['//[2001:db8::1]:5050/', 'http://[2001:db8::1]:5050'],
  ])('%s leads to %s', (location, target) => {
    const reading = redirectTarget(master, location);
    expect(reading.ok && endpointText(reading.endpoint)).toBe(target);
  });

  test.each([
    [undefined, 'without a Location'],
    ['//m1.example.org:5050/master', 'the server that gave it'],
    ['/elsewhere', 'the server that gave it'],
    ['ftp://m2.example.org/', 'not an address of an HTTP server'],
    ['http://', 'not an address of an HTTP server'],
  ])('%s is not followed', (location, why) => {
    expect(redirectTarget(master, location)).toEqual({
      ok: false,
      why: expect.stringContaining(why) as unknown,
    });
  });

  test('never go from an encrypted connection to an open one', () => {
    const target = redirectTarget({ ...master, scheme: 'https' }, 'http://m2.example.org:5050/');
    expect(target).toMatchObject({ ok: false });
  });
});
