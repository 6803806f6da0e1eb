/** Each call of the control API takes the role that it says, for every role there is. */
import { systemClock } from '@mesos-torque/common/clock.ts';
import { ControlServiceService } from '@mesos-torque/proto/gen/control/v1/control.ts';
import * as m from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { describe, expect, it } from 'vitest';
import type { Control } from './control.ts';
import { ControlError } from './control-error.ts';
import { aControlStory } from './testing/control-story.ts';
import { roles, type Caller, type Role } from './tokens.ts';

type Call = (control: Control, caller: Caller) => unknown;

const because = { who: 'x', why: 'a test' };
const page = { pageSize: 0, pageToken: '', filter: '' };
const node = { $case: 'node', value: 'n1' } as const;
const drain = m.DrainRequest.fromPartial({ ...because, target: node });

/** The least role of every call; `watch` and `getSnapshot` tell alone, and take what `getStatus` takes. */
const calls: readonly (readonly [keyof typeof ControlServiceService, Role, Call])[] = [
  ['getStatus', 'viewer', (control) => control.getStatus({ summary: true })],
  ['listJobs', 'viewer', (control) => control.listJobs(page)],
  ['listNodes', 'viewer', (control) => control.listNodes(page)],
  ['listOffers', 'viewer', (control) => control.listOffers(page)],
  ['listTasks', 'viewer', (control) => control.listTasks(page)],
  ['listDecisions', 'viewer', (control) => control.listDecisions(m.ListDecisionsRequest.fromPartial(page))],
  ['explain', 'viewer', (control) => control.explain({ subject: node })],
  ['getNodeLog', 'viewer', (control) => control.getNodeLog({ node: 'n1', file: '', linesMax: 0 })],
  ['getHistory', 'viewer', (control) => control.getHistory({ fromMs: 0n, pointsMax: 0 })],
  ['getSnapshot', 'viewer', (control) => control.snapshotPieces()],
  ['getSettings', 'viewer', (control) => control.getSettings()],
  ['watch', 'viewer', (control) => control.journal.since(0)],
  ['holdGrowth', 'operator', (control, caller) => control.holdGrowth(because, caller)],
  ['releaseGrowth', 'operator', (control, caller) => control.releaseGrowth(because, caller)],
  ['drain', 'operator', (control, caller) => control.drain(drain, caller)],
  [
    'drain',
    'admin',
    (control, caller) => control.drain({ ...drain, deadlineAfterMs: 1n, force: true }, caller),
  ],
  [
    'undrain',
    'operator',
    (control, caller) => control.undrain(m.UndrainRequest.fromPartial({ ...because, target: node }), caller),
  ],
  [
    'setPolicy',
    'operator',
    (control, caller) =>
      control.setPolicy(m.SetPolicyRequest.fromPartial({ ...because, reset: true }), caller),
  ],
  [
    'repair',
    'viewer',
    (control, caller) => control.repair(m.RepairRequest.fromPartial({ dryRun: true }), caller),
  ],
  ['repair', 'admin', (control, caller) => control.repair(m.RepairRequest.fromPartial(because), caller)],
  ['setLogLevel', 'admin', (control, caller) => control.setLogLevel({ ...because, level: 'debug' }, caller)],
];

/** Null when it was let in; what goes wrong behind the door is another matter. */
async function refusal(call: Call, role: Role): Promise<string | null> {
  const { control } = aControlStory('policy minSlotsHeld=0\nnode n1 np=2 phase=up', systemClock);
  try {
    await call(control, { role, name: 'rosa' });
    return null;
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    return error.code === 'PERMISSION_DENIED' ? error.message : null;
  }
}

describe('a call', () => {
  it('of every name is in the table', () => {
    const names = new Set(calls.map(([name]) => name));

    expect([...names].toSorted()).toEqual(Object.keys(ControlServiceService).toSorted());
  });

  it.each(calls)('%s takes the role %s at least', async (_name, least, call) => {
    for (const role of roles) {
      const mayCall = roles.indexOf(role) >= roles.indexOf(least);
      const refused = await refusal(call, role);
      expect([role, refused === null]).toEqual([role, mayCall]);
      if (!mayCall) expect(refused).toContain(`takes the role ${least}; rosa may act as ${role}`);
    }
  });
});
