import { afterEach, expect, test } from 'vitest';
import type { MesosEvent } from '../loop/ports.ts';
import type { OfferWishes } from './offer-wishes.ts';
import { SchedulerClient } from './scheduler-client.ts';
import { clientOptions } from './testing/builders.ts';
import { FakeMaster } from './testing/fake-master.ts';

const wishes: OfferWishes = {
  constraints: [{ attribute: 'os', kind: 'like', pattern: 'centos.*' }],
  least: { cpuMilli: 1000, memMib: 512 },
};

test('after each subscription the master is told which offers we want, before anything else', async () => {
  const master = await startMaster();
  const { client, seen } = subscribed(master, wishes);
  await expect.poll(() => seen).toEqual(['subscribed']);
  await client.suppress();
  master.endStream();
  await expect.poll(() => seen).toEqual(['subscribed', 'disconnected', 'subscribed']);

  expect(typesAt(master)).toEqual([
    'SUBSCRIBE',
    'UPDATE_FRAMEWORK',
    'SUPPRESS',
    'SUBSCRIBE',
    'UPDATE_FRAMEWORK',
  ]);
  const [update] = master.calls('UPDATE_FRAMEWORK');
  expect(update).toMatchObject({
    frameworkId: { value: 'F1' },
    updateFramework: {
      frameworkInfo: {
        id: { value: 'F1' },
        user: 'root',
        checkpoint: true,
        roles: ['torque'],
        offerFilters: {
          torque: {
            minAllocatableResources: {
              quantities: [{ quantities: { cpus: { value: 1 }, mem: { value: 512 } } }],
            },
          },
        },
      },
      suppressedRoles: [],
      offerConstraints: {
        roleConstraints: {
          torque: {
            groups: [
              {
                attributeConstraints: [
                  { selector: { attributeName: 'os' }, predicate: { textMatches: { regex: 'centos.*' } } },
                ],
              },
            ],
          },
        },
      },
    },
  });
});

test('without wishes nothing is told', async () => {
  const master = await startMaster();
  const { seen } = subscribed(master, { constraints: [], least: { cpuMilli: 0, memMib: 0 } });
  await expect.poll(() => seen).toEqual(['subscribed']);
  expect(typesAt(master)).toEqual(['SUBSCRIBE']);
});

test('a master that refuses the constraints is told the rest, and we go on', async () => {
  const master = await startMaster();
  master.answerCalls((_received, response) => {
    const isFirst = master.calls('UPDATE_FRAMEWORK').length === 1;
    response.writeHead(isFirst ? 400 : 200).end(isFirst ? 'Offer constraints are not valid' : '');
  });
  const { seen } = subscribed(master, wishes);
  await expect.poll(() => seen).toEqual(['subscribed']);
  const [, second] = master.calls('UPDATE_FRAMEWORK');
  expect(second?.updateFramework?.offerConstraints).toBeUndefined();
  expect(second?.updateFramework?.frameworkInfo?.offerFilters).toHaveProperty('torque');
});

test.each([400, 403, 501, 503])(
  'a master that answers every wish with %d is used all the same',
  async (status) => {
    const master = await startMaster();
    master.answerCalls((_received, response) => {
      response.writeHead(status).end('no');
    });
    const { seen } = subscribed(master, wishes);
    await expect.poll(() => seen).toEqual(['subscribed']);
    expect(master.calls('UPDATE_FRAMEWORK').length).toBeLessThanOrEqual(2);
  },
);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startMaster(): Promise<FakeMaster> {
  const master = await FakeMaster.start();
  cleanups.push(() => master.close());
  return master;
}

/** In the order in which they came. */
function typesAt(master: FakeMaster): readonly (string | undefined)[] {
  return master.allCalls().map(({ type }) => type);
}

function subscribed(
  master: FakeMaster,
  wanted: OfferWishes,
): { readonly client: SchedulerClient; readonly seen: string[] } {
  const client = new SchedulerClient(clientOptions([master.endpoint], { wishes: wanted }));
  cleanups.push(() => client.close());
  const seen: string[] = [];
  client.open({ frameworkId: null }, (event: MesosEvent) => {
    seen.push(event.kind);
    return Promise.resolve();
  });
  return { client, seen };
}
