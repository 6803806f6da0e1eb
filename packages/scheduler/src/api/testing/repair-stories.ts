/** Control stories with something to repair. */
import { systemClock } from '@mesos-torque/common/clock.ts';
import { storyMs } from '../../core/testing/builders.ts';
import { aControlStory, type ControlStory } from './control-story.ts';

export const nodes = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8'];
export const peace = `policy minSlotsHeld=0\n${nodes.map((node) => `node ${node} np=2 phase=up`).join('\n')}`;

/** Mesos says that all tasks are gone, of nodes that stood for long. */
export function withTasksGone(): ControlStory {
  const told = aControlStory(peace, systemClock);
  told.change((snapshot) => ({
    ...snapshot,
    intents: snapshot.intents.map((intent) => ({ ...intent, launchedAtMs: storyMs - 3_600_000 })),
    tasks:
      snapshot.tasks.state === 'fresh'
        ? { ...snapshot.tasks, value: snapshot.tasks.value.map((task) => ({ ...task, state: 'TASK_GONE' })) }
        : snapshot.tasks,
  }));
  return told;
}

/** Launches on an agent failed again and again. */
export function withQuarantine(): ControlStory {
  const told = aControlStory(peace, systemClock);
  const evidence = [{ atMs: storyMs, message: 'pbs_mom exited 3' }];
  told.change((snapshot) => ({
    ...snapshot,
    trouble: [{ agentId: 'a7', failures: 100, lastMs: storyMs, lastMessage: 'pbs_mom exited 3', evidence }],
  }));
  return told;
}
