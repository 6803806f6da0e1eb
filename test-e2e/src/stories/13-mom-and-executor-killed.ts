import type { Story } from '../story.ts';
import { killPart, partOn, partsOn } from './part-of-node.ts';
import { quick } from './policy.ts';
import { explained, statusOf } from './status.ts';

export const momAndExecutorKilled: Story = {
  title: '13 pbs_mom is killed, and the executor',
  proves:
    'A killed mom is started again under its running job; with a killed executor its node and its job are lost, which is told, and the job runs again once it is put back; jobs on other nodes notice nothing.',
  needs: [],
  async play(stage) {
    const { startFramework, qsub, gate, runs, ended, level, job, tasks, check, site } = stage;
    const [struck, bystander] = site.agents;
    await startFramework({ policy: { ...quick, agentBackoff: '1s', killGrace: '5s' } });
    const [firstDoor, secondDoor, lastDoor] = [await gate(), await gate(), await gate()];
    const untouched = await qsub(['-N', 'untouched', '-l', `nodes=${bystander.name}:ppn=1`], lastDoor.script);
    const first = await qsub(['-N', 'first', '-l', `nodes=${struck.name}:ppn=1`], firstDoor.script);
    await Promise.all([untouched, first].map((id) => runs(id, 90)));
    const bystanders = await partsOn(bystander);

    const mom = await killPart(struck, 'pbs_mom');
    await level('another pbs_mom runs in its place', 60, async () => {
      const now = await partOn(struck, 'pbs_mom');
      return now !== undefined && now.pid !== mom.pid;
    });
    check((await job(first)).state === 'R', 'the job of the killed mom runs on');
    const second = await qsub(['-N', 'second', '-l', `nodes=${struck.name}:ppn=1`], secondDoor.script);
    await firstDoor.open();
    await ended([first], 60);
    await runs(second, 90);

    const [task] = (await tasks()).filter(({ id }) => id.includes(struck.name));
    await killPart(struck, 'torque-executor');
    await level('its task has ended, and nothing of it runs', 60, async () => {
      const live = await tasks();
      return live.every(({ id }) => id !== task?.id) && (await partsOn(struck)).length === 0;
    });
    // pbs_server alone says what becomes of a job whose mom is gone; until it does, nobody takes the node from under it.
    const lost = await level('the lost node and its job are told', 60, async () =>
      (await statusOf(stage)).nodes.find(({ name, why }) => name === struck.name && why.includes(second)),
    );
    check(lost.phase === 'suspect', `the node is ${lost.phase}: ${lost.why}`);
    const told = await explained(stage, 'node', struck.name);
    check(told.includes(`qrerun -f ${second}`), 'explain names the command that puts the job back');
    await site.admin(['qrerun', '-f', second]);
    await secondDoor.open();
    await ended([second], 90);

    check((await job(untouched)).state === 'R', 'the job on the other node runs on');
    check((await partsOn(bystander)).join() === bystanders.join(), 'so do its mom and its executor');
    await lastDoor.open();
    await ended([untouched], 60);
  },
};
