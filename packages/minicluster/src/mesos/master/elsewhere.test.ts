import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { elsewhere } from './elsewhere.ts';

interface Exchange {
  readonly label?: string;
  readonly request: { readonly path: string };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
}

const exchanges = readFileSync(
  new URL('../../../../../fixtures/mesos/10-zookeeper/calls.jsonl', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Exchange);

const follows = {
  kind: 'follows',
  leader: { member: 'json.info_0000000000', hostname: 'localhost', ip: '127.0.0.1', port: 5050 },
} as const;

function asked(path: string, standing: Parameters<typeof elsewhere>[0]): unknown {
  const url = new URL(path, 'http://master');
  return elsewhere(standing, url.pathname.replace(/^\/master(?=\/|$)/, ''), url.search);
}

/** While 5050 led. */
const atFollower = exchanges.filter(
  ({ label }) => label?.includes('non-leader') === true && !label.includes('now 5050'),
);

test.each(
  atFollower
    .filter(({ response }) => response.status === 307)
    .map((each) => [each.label ?? '', each] as const),
)('as recorded, redirected: %s', (_label, { request, response }) => {
  expect(asked(request.path, follows)).toEqual({ kind: 'redirect', location: response.headers['Location'] });
});

test.each(
  atFollower
    .filter(({ response }) => response.status !== 307)
    .map((each) => [each.label ?? '', each] as const),
)('as recorded, answered by whoever is asked: %s', (_label, { request }) => {
  expect(asked(request.path, follows)).toBeNull();
});

test('as recorded, while nobody leads', () => {
  const recorded = exchanges.find(({ response }) => response.status === 503);
  expect(asked('/redirect', { kind: 'no-leader' })).toEqual({
    kind: 'refused',
    status: 503,
    text: recorded?.response.body,
  });
});
