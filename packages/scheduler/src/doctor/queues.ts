/** The queues: there is one, it takes and starts jobs, and qsub without -q finds it. */
import type { ServerView } from '../torque/server-view.ts';
import { ok, warning, wrong, type Verdict } from './check.ts';

export function judgeQueues({ server, queues }: Pick<ServerView, 'server' | 'queues'>): Verdict {
  const names = [...queues.keys()];
  if (names.length === 0)
    return wrong('there is no queue, so qsub takes nothing', 'mesos-torque setup --queue batch');
  const byDefault = server.get('default_queue')?.[0] ?? null;
  if (byDefault !== null && !queues.has(byDefault)) {
    return wrong(
      `the default queue ${byDefault} does not exist; there is ${names.join(', ')}`,
      `qmgr -c "set server default_queue=${names[0] ?? ''}"`,
    );
  }
  const closed = (queue: string): readonly string[] =>
    ['enabled', 'started'].filter((name) => queues.get(queue)?.get(name)?.[0]?.toLowerCase() !== 'true');
  const working = names.filter((queue) => closed(queue).length === 0);
  const looked = byDefault ?? names[0] ?? '';
  const lacks = closed(looked);
  if (lacks.length > 0 && (byDefault !== null || working.length === 0)) {
    const sentences = lacks.map((name) => `qmgr -c "set queue ${looked} ${name}=true"`);
    return wrong(`queue ${looked} is not ${lacks.join(' and not ')}`, sentences.join('; '));
  }
  if (byDefault === null) {
    return warning(
      `there is no default queue: qsub without -q is refused; there is ${names.join(', ')}`,
      `qmgr -c "set server default_queue=${working[0] ?? ''}"`,
    );
  }
  const idle = names.filter((queue) => !working.includes(queue));
  const rest = idle.length === 0 ? '' : `; stopped or closed: ${idle.join(', ')}`;
  return ok(`${working.join(', ')} (default ${byDefault}) take and start jobs${rest}`);
}
