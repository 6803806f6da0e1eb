/** Why a node is as it is: what TORQUE, Mesos and our own intent say of it. */
import {
  about,
  ago,
  amountsText,
  plain,
  section,
  told,
  type Explanation,
  type Line,
} from './explain-words.ts';
import type { Scene } from './explain.ts';
import { whenText } from './explain-supply.ts';
import type { Intent, TaskFacts, TorqueNode } from './facts.ts';
import type { ElasticNode } from './nodes.ts';
import { isOnItsWay } from './place.ts';
import { counted, quoted } from './reasons.ts';
import { drainWished } from './reasons-wishes.ts';
import { valueOf } from './survey.ts';
import { standingOf } from './task-states.ts';
import { drainOf } from './wishes.ts';

export function explainNode(name: string, scene: Scene): Explanation | null {
  const { plan, snapshot } = scene;
  const wanted = name.toLowerCase();
  const verdicts = plan.report.nodes.filter(({ node, taskId }) => node === wanted || taskId === name);
  const intent = snapshot.intents.find(({ nodeName, taskId }) => nodeName === wanted || taskId === name);
  const verdict = verdicts.find(({ taskId }) => taskId === intent?.taskId) ?? verdicts[0];
  const id = verdict?.node ?? intent?.nodeName ?? wanted;
  const torque = valueOf(snapshot.nodes, []).find((node) => node.name === id) ?? null;
  if (verdict === undefined && intent === undefined && torque === null) return null;
  const taskId = verdict?.taskId ?? intent?.taskId ?? null;
  const task = valueOf(snapshot.tasks, []).find((one) => one.id === taskId) ?? null;
  const wish = drainOf({ nodeName: id, agentId: intent?.agentId ?? '' }, snapshot.wishes);
  const sections = [
    section('verdict', 'What mesos-torque says', [
      ...(verdict === undefined ? [plain('the latest plan does not know it yet')] : [told(verdict.why)]),
      ...decisionLines(id, taskId, scene),
    ]),
    section('torque', 'What TORQUE says', torqueLines(torque, scene)),
    section('jobs', 'Jobs on it', jobLines(id, torque, scene)),
    ...(task === null ? [] : [section('task', 'What Mesos and the executor say', taskLines(task, scene))]),
    ...(intent === undefined
      ? []
      : [section('life', 'What we have set out to do', lifeLines(intent, scene))]),
    ...(wish === null ? [] : [section('wishes', 'What operators asked for', [told(drainWished(wish))])]),
  ];
  const phase = verdict?.phase ?? 'not known';
  const text = verdict?.why.text ?? 'the latest plan does not know it yet';
  const ours = scene.survey.ours.find((node) => node.intent.taskId === taskId) ?? null;
  const conclusion = `Node ${id} is ${phase}: ${text}${besides(ours, text, scene)}.`;
  return { kind: 'node', id, conclusion, sections };
}

/** When it is up at the latest, or why it leaves. */
function besides(node: ElasticNode | null, text: string, scene: Scene): string {
  if (node === null) return '';
  if (isOnItsWay(node)) return `; ${whenText(node, scene)}`;
  const { goal } = node.intent;
  return goal.kind === 'hold' || text.includes(goal.why) ? '' : `; it leaves because it was ${goal.why}`;
}

/** What is done with it at this moment. */
function decisionLines(name: string, taskId: string | null, { plan }: Scene): readonly Line[] {
  return plan.decisions.flatMap((decision) => {
    const isIts =
      ('taskId' in decision && decision.taskId === taskId) || ('node' in decision && decision.node === name);
    return isIts ? [plain(`now: ${decision.kind}, ${decision.why.text}`)] : [];
  });
}

function torqueLines(node: TorqueNode | null, { snapshot }: Scene): readonly Line[] {
  if (snapshot.nodes.state === 'unknown') return [plain(`pbsnodes could not be read: ${snapshot.nodes.why}`)];
  if (node === null) return [plain('pbs_server has no node of that name')];
  const used = node.jobs.reduce((sum, job) => sum + job.slots, 0);
  return [
    plain(`${node.states.join(', ')}; ${counted(used, 'slot')} of ${String(node.np)} in use`),
    ...(node.properties.length === 0 ? [] : [plain(`properties ${node.properties.join(', ')}`)]),
    ...(node.note === null ? [] : [plain(`note: ${quoted(node.note)}`)]),
    ...(node.requestId === null ? [plain('it does not carry our mark')] : []),
  ];
}

function jobLines(name: string, node: TorqueNode | null, { survey, snapshot }: Scene): readonly Line[] {
  const slots = new Map((node?.jobs ?? []).map((job) => [job.jobId, job.slots]));
  const ids = [...new Set([...slots.keys(), ...(survey.jobsOnNode.get(name) ?? [])])];
  if (ids.length > 0) {
    return ids.map((id) => about('job', id, `${id} on ${counted(slots.get(id) ?? 0, 'slot')}`));
  }
  const sinceMs = snapshot.idleSinceMs[name];
  return [plain(sinceMs === undefined ? 'none' : `none for ${ago(snapshot.nowMs - sinceMs)}`)];
}

function taskLines(task: TaskFacts, { snapshot }: Scene): readonly Line[] {
  const health = task.healthy === null ? 'its health not told yet' : task.healthy ? 'healthy' : 'unhealthy';
  const name = task.momName === null ? '' : `, by the name of ${task.momName}`;
  return [
    plain(`task ${task.id}: ${task.state} for ${ago(snapshot.nowMs - task.sinceMs)}`),
    ...(task.agentId === null ? [] : [about('agent', task.agentId, `on agent ${task.agentId}`)]),
    ...(standingOf(task.state) === 'ended' ? [] : [plain(`its mom: ${task.stage}${name}, ${health}`)]),
    plain(`its log, and its mom's: the output of task ${task.id} in its sandbox, which Mesos shows`),
    ...(task.message === '' ? [] : [plain(`its last words: ${quoted(task.message)}`)]),
  ];
}

function lifeLines(intent: Intent, { snapshot }: Scene): readonly Line[] {
  const { goal, launchedAtMs, resources, np } = intent;
  const { nowMs } = snapshot;
  const goalText =
    goal.kind === 'hold'
      ? 'it is to stay'
      : `it is to go, decided ${ago(nowMs - goal.sinceMs)} ago: ${goal.why}`;
  return [
    plain(
      `launched ${ago(nowMs - launchedAtMs)} ago with ${counted(np, 'slot')}, takes ${amountsText(resources)}`,
    ),
    plain(goalText),
  ];
}
