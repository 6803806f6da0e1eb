import type { Stage } from '../stage.ts';
import type { Story } from '../story.ts';
import { quick } from './policy.ts';

const config = { torque: { mode: 'attach' }, policy: quick };

export const attachAsManager: Story = {
  title: '17 attached to a server as one of its managers who is not root',
  proves:
    'An ordinary user who is a manager of TORQUE runs the framework; without the right it says which right, and the command that gives it.',
  needs: ['accounts'],
  async play(stage) {
    const { framework, qsub, ended, empty, level, nodes, tasks, check, site } = stage;
    const manager = `carol@${site.head.name}`;
    const mayManage = (sign: '+=' | '-='): Promise<string> =>
      site.admin(['qmgr', '-c', `set server managers ${sign} ${manager}`]);
    await mayManage('+=');
    try {
      await framework.start({ config, as: 'carol' });
      const served = await qsub(['-N', 'served', '-l', 'nodes=2:ppn=2'], 'pbsdsh true\n');
      await ended([served], 90);
      await empty(60);
      await framework.stop();
      check((await framework.exitCode()) === 0, 'it ended in order');

      await mayManage('-=');
      await framework.start({ config, as: 'carol', waitReady: false });
      const refused = await qsub(['-N', 'refused', '-l', 'nodes=1:ppn=2'], 'sleep 1\n');
      const said = await level('it says that it is not ready, and why', 60, () => whyNotReady(stage));
      stage.say(said);
      const user = await carol(stage);
      check(said.includes('manager'), 'the right is named');
      check(said.includes(`set server managers += ${user}@`), 'so is the command that gives it');
      const log = await framework.log();
      check(log.includes('set server managers += '), 'the log has it, too');
      check(
        (await nodes()).length === 0 && (await tasks()).length === 0,
        'nothing is launched without it: its node could not be made',
      );

      await mayManage('+=');
      await ended([refused], 120);
      await empty(60);
    } finally {
      await mayManage('-=');
    }
  },
};

/** What `/readyz` says once it speaks of rights; null before. */
async function whyNotReady({ framework }: Stage): Promise<string | null> {
  const answer = await fetch(`${framework.url}/readyz`, { signal: AbortSignal.timeout(5_000) });
  const text = await answer.text();
  return !answer.ok && /manager|permission|unauthorized/i.test(text) ? text : null;
}

/** As the system calls her: where all accounts are one, that one. */
async function carol({ site }: Stage): Promise<string> {
  const asked = await site.head.run(['id', '-un'], { as: 'carol' });
  if (asked.kind !== 'exit') throw new Error(`id: ${asked.kind}`);
  return asked.stdout.toString('utf8').trim();
}
