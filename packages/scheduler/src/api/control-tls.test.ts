/** The control API over TCP: TLS that a client checks, and tokens that say who may do what. */
import { ChannelCredentials, credentials, Metadata, status } from '@grpc/grpc-js';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { testAuthority } from '@mesos-torque/common/testing/certificates.ts';
import { ControlServiceClient } from '@mesos-torque/proto/gen/control/v1/control.ts';
import type { GetStatusResponse, WatchResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { HealthClient } from '@mesos-torque/proto/gen/grpc/health/v1/health.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveControlOverTls, type ControlServer } from './control-server.ts';
import { controlService } from './control-service.ts';
import { aControlStory, type ControlStory } from './testing/control-story.ts';
import { bearerToken, tokensOf } from './tokens.ts';

const authority = testAuthority('site');
const token = {
  viewer: 'viewer-0123456789abcdef',
  operator: 'operator-0123456789abcd',
  admin: 'admin-0123456789abcdef0',
};
const tokens = tokensOf(
  Object.entries(token)
    .map(([role, text]) => `${role} the-${role} ${text}`)
    .join('\n'),
  'tokens',
);

let server: ControlServer & { readonly port: number };
let story: ControlStory;

beforeEach(async () => {
  story = aControlStory('policy minSlotsHeld=0\nnode n1 np=2 phase=up', systemClock);
  const service = controlService(story.control, (metadata) => {
    const [header] = metadata.get('authorization');
    return tokens.mustKnow(bearerToken(header?.toString()));
  });
  server = await serveControlOverTls('127.0.0.1:0', authority.issue(['127.0.0.1']), service);
});

afterEach(async () => {
  await server.close();
});

const trusted = credentials.createSsl(Buffer.from(authority.cert));

function withToken(text: string | null): Metadata {
  const metadata = new Metadata();
  if (text !== null) metadata.set('authorization', `Bearer ${text}`);
  return metadata;
}

type Call<T> = (client: ControlServiceClient, done: (error: Error | null, answer: T) => void) => void;

function ask<T>(call: Call<T>, by: ChannelCredentials = trusted): Promise<T> {
  const client = new ControlServiceClient(`127.0.0.1:${String(server.port)}`, by);
  return new Promise<T>((resolve, reject) => {
    call(client, (error, answer) => {
      if (error === null) resolve(answer);
      else reject(error);
    });
  }).finally(() => {
    client.close();
  });
}

const getStatus = (text: string | null, by = trusted): Promise<GetStatusResponse> =>
  ask(
    (client, done) =>
      client.getStatus({ summary: true }, withToken(text), { deadline: Date.now() + 5_000 }, done),
    by,
  );
const hold = (text: string): Promise<unknown> =>
  ask((client, done) => client.holdGrowth({ who: 'somebody', why: 'a test' }, withToken(text), done));

describe('over TLS', () => {
  it('a client that trusts the authority is answered', async () => {
    expect(await getStatus(token.viewer)).toMatchObject({ role: 'leading' });
  });

  it.each([
    ['trusts another authority', credentials.createSsl(Buffer.from(testAuthority('others').cert))],
    ['speaks without TLS', credentials.createInsecure()],
  ])('a client that %s gets nowhere', async (_what, by) => {
    await expect(getStatus(token.viewer, by)).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });

  it('health is told without a token', async () => {
    const client = new HealthClient(`127.0.0.1:${String(server.port)}`, trusted);
    const answer = await new Promise((resolve, reject) => {
      client.check({ service: '' }, (error, health) => {
        if (error === null) resolve(health.status);
        else reject(error);
      });
    });
    client.close();

    expect(answer).toBe('SERVING');
  });
});

describe('a token', () => {
  it.each([
    ['none', null, 'give "Bearer TOKEN"'],
    ['a wrong one', `${token.admin}x`, 'the token is not known'],
  ])('must be known: %s', async (_what, text, words) => {
    await expect(getStatus(text)).rejects.toMatchObject({
      code: status.UNAUTHENTICATED,
      details: expect.stringContaining(words) as string,
    });
  });

  it('is asked of watchers and of who takes a snapshot too', async () => {
    for (const begin of ['watch', 'getSnapshot'] as const) {
      const client = new ControlServiceClient(`127.0.0.1:${String(server.port)}`, trusted);
      const call = begin === 'watch' ? client.watch({ afterSequence: 0n }) : client.getSnapshot({});
      const code = await new Promise((resolve) => {
        call.on('error', (error: Error & { code: number }) => {
          resolve(error.code);
        });
        call.on('data', (entry: WatchResponse) => {
          resolve(entry.event);
        });
        call.on('end', () => {
          resolve('ended');
        });
      });
      client.close();
      expect([begin, code]).toEqual([begin, status.UNAUTHENTICATED]);
    }
  });

  it('names who changes what, whatever the request says', async () => {
    await expect(hold(token.viewer)).rejects.toMatchObject({
      code: status.PERMISSION_DENIED,
      details: 'holding growth takes the role operator; the-viewer may act as viewer',
    });
    await hold(token.operator);

    expect(story.wishes().growthHeld).toMatchObject({ who: 'the-operator' });
    expect(story.ring.entries().at(-1)).toMatchObject({
      event: 'growth held',
      data: { who: 'the-operator' },
    });
  });

  it('is nowhere in what is journaled', async () => {
    await hold(token.admin);

    expect(JSON.stringify(story.ring.entries())).not.toContain(token.admin);
  });
});
