import { systemClock } from '@mesos-torque/common/clock.ts';
import { RepairRequest } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { describe, expect, it } from 'vitest';
import { aControlStory } from './testing/control-story.ts';
import { nodes, peace, withQuarantine, withTasksGone } from './testing/repair-stories.ts';
import { anybody, onSocket, type Caller } from './tokens.ts';

const operator: Caller = { role: 'operator', name: 'olga' };
const admin: Caller = { role: 'admin', name: 'ada' };
const because = { who: 'x', why: 'rack 7 has burnt' };
const ask = (fields: Partial<RepairRequest>): RepairRequest => RepairRequest.fromPartial(fields);
const dry = ask({ dryRun: true });

describe('a dry run', () => {
  it('is empty while all agree, and anybody may ask', async () => {
    const answer = await aControlStory(peace, systemClock).control.repair(dry, anybody);

    expect(answer).toEqual({ steps: [], brake: undefined, confirmedNodes: [], quarantined: [] });
  });

  it('shows each difference with its evidence, and what is held back', async () => {
    const told = withTasksGone();

    const { steps, brake } = await told.control.repair(dry, anybody);

    expect(steps).toHaveLength(8);
    expect(steps[0]).toMatchObject({
      node: 'n1',
      difference: 'node-without-task',
      when: 'waits',
      why: expect.stringContaining('because too many are to go at once') as string,
    });
    expect(steps[0]?.evidence[0]).toContain('TASK_GONE');
    expect(brake).toMatchObject({ affected: 8, standing: 8 });
    expect(brake?.stopped.map(({ node, cause }) => [node, cause])).toEqual(
      nodes.map((node) => [node, 'task-gone']),
    );
    expect((await told.control.getStatus({ summary: true })).brake).toEqual(brake);
    expect(told.ring.entries()).toEqual([]);
  });

  it('confirms nothing', async () => {
    const request = ask({ dryRun: true, confirmBrake: 'brake-1' });

    await expect(withTasksGone().control.repair(request, onSocket)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'DRY_RUN_AND_MORE',
    });
  });
});

describe('what is held back', () => {
  it('goes when an admin confirms the very brake that was shown, and the journal has who and why', async () => {
    const told = withTasksGone();
    const shown = await told.control.repair(dry, anybody);
    const id = shown.brake?.id ?? '';

    const { confirmedNodes, brake } = await told.control.repair(ask({ ...because, confirmBrake: id }), admin);

    expect(confirmedNodes).toEqual(nodes);
    expect(brake).toBeUndefined();
    expect(told.ring.entries().at(-1)).toMatchObject({
      event: 'repair ordered',
      why: 'ada: rack 7 has burnt',
      data: { who: 'ada', brake: id, nodes: 8 },
    });
  });

  it.each([
    ['another brake', withTasksGone, 'BRAKE_CHANGED', 'it is brake-'],
    ['one that let go', () => aControlStory(peace, systemClock), 'NOTHING_TO_CONFIRM', 'nothing is held'],
  ])('is not confirmed with %s', async (_what, story, reason, words) => {
    const told = story();

    await expect(
      told.control.repair(ask({ ...because, confirmBrake: 'brake-0' }), admin),
    ).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason,
      message: expect.stringContaining(words) as string,
    });
    expect(told.ring.entries()).toEqual([]);
  });
});

describe('an agent in quarantine', () => {
  it('is shown with its evidence, and may be tried again', async () => {
    const told = withQuarantine();

    const { quarantined } = await told.control.repair(dry, anybody);
    expect(quarantined).toMatchObject([
      { agentId: 'a7', failures: 100, state: 'resting', evidence: ['pbs_mom exited 3'] },
    ]);
    expect((await told.control.getStatus({ summary: true })).quarantined).toEqual(quarantined);

    await told.control.repair(ask({ ...because, clearAgentId: 'a7' }), admin);
    expect((await told.control.repair(dry, anybody)).quarantined).toEqual([]);
    expect(told.ring.entries().at(-1)?.data).toEqual({ who: 'ada', agentId: 'a7' });
  });

  it('has to be in quarantine', async () => {
    const request = ask({ ...because, clearAgentId: 'a8' });

    await expect(withQuarantine().control.repair(request, admin)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'AGENT_NOT_QUARANTINED',
    });
  });
});

it('to act takes an admin and a reason', async () => {
  const { control } = aControlStory(peace, systemClock);

  await expect(control.repair(ask(because), operator)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  await expect(control.repair(ask({ who: 'x' }), onSocket)).rejects.toMatchObject({ reason: 'WHY_MISSING' });
});
