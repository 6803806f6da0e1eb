import { expect, test } from 'vitest';
import { alertProblem } from './tls-trust.ts';

const openssl = (code: string, words: string): NodeJS.ErrnoException =>
  Object.assign(
    new Error(
      `80AB:error:0A00045C:SSL routines:ssl3_read_bytes:${words}:record.c:916:SSL alert number 116\n`,
    ),
    { code },
  );

test.each([
  [
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'tlsv13 alert certificate required',
    'TLS: it wants a certificate of ours, and we have shown none',
  ],
  [
    'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
    'tlsv1 alert unknown ca',
    'TLS: it does not take the certificate that we have shown (alert unknown ca)',
  ],
  [
    'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
    'tlsv1 alert internal error',
    'TLS: it ended the connection (alert internal error)',
  ],
])('%s is told in one line', (code, words, told) => {
  expect(alertProblem(openssl(code, words))).toBe(told);
});

test('what is no alert is left to others', () => {
  expect(alertProblem(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))).toBeNull();
});
