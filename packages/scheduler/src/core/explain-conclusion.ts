/** The one sentence that an explanation of a job ends in: it names the numbers, and what would change it. */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { JobVerdict } from './decisions.ts';
import { nodesLimitWish } from './explain-budget.ts';
import { jobNumber } from './explain-words.ts';
import { nearestOfPast, quarantinedThatFit } from './explain-offers.ts';
import { lastUpText } from './explain-supply.ts';
import type { Scene } from './explain.ts';
import type { JobFacts } from './facts.ts';
import type { Want } from './pool.ts';
import { counted, quoted } from './reasons.ts';

export function conclusionOfJob(
  job: JobFacts,
  verdict: JobVerdict | null,
  wants: readonly Want[],
  scene: Scene,
): string {
  const name = `Job ${jobNumber(job.id)}`;
  if (verdict === null) return `${name} came after the latest plan; ask again in a moment.`;
  const { text, code } = verdict.why;
  const advice = adviceFor(code, job, scene);
  switch (verdict.kind) {
    case 'served': {
      const when = lastUpText(verdict.nodes, scene);
      return `${name} ${text}${when === null ? '' : ` (${when})`}.`;
    }
    case 'waiting':
      return `${name} waits: ${text}${besides(code, wants, scene)}${advice}.`;
    case 'impossible':
      return `${name} can never run as things are configured: ${withSubject(text)}; ask for less, or raise what is named.`;
    case 'not-demand':
      if (job.state === 'running') return `${name} runs on ${job.execNodes.join(', ')}.`;
      if (code === 'not-for-nodes') return `${name} ${text}${advice}.`;
      return `${name} does not wait for nodes: ${withSubject(text)}${advice}.`;
    default:
      return unreachable(verdict);
  }
}

/** What the reason itself cannot know: what was offered lately, and what quarantine keeps away. */
function besides(code: string, wants: readonly Want[], scene: Scene): string {
  const past = code === 'no-offers' ? nearestOfPast(wants, scene) : null;
  const lately =
    past === null
      ? ''
      : `; of ${counted(scene.pastAgents.length, 'agent')} that offered lately, ` +
        (past === 'fits' ? 'one would fit' : `the nearest: ${past.text}`);
  const kept = code === 'agent-quarantined' ? null : quarantinedThatFit(wants, scene);
  return `${lately}${kept === null ? '' : `; ${kept}`}`;
}

/** Some reasons are sentences of their own, others say what the job does. */
function withSubject(text: string): string {
  return /^(?:is|was|waits|asks|stands|needs|cannot|may) /.test(text) ? `it ${text}` : text;
}

function adviceFor(code: string, job: JobFacts, scene: Scene): string {
  if (code === 'safe-allocation-nodes')
    return `; it starts when other nodes leave, or when ${nodesLimit(scene)}`;
  if (code.startsWith('safe-allocation')) {
    return '; it starts when other nodes leave, or when policy.safeAllocation is raised';
  }
  if (code.startsWith('quota-')) {
    return '; it starts when other nodes leave, or when the quota is raised in Mesos';
  }
  if (code === 'short-np') return '; it starts when policy.npMax is raised';
  if (code.startsWith('short-')) {
    return '; it starts when an agent offers what is missing';
  }
  return adviceByCode(code, job, scene);
}

function adviceByCode(code: string, job: JobFacts, scene: Scene): string {
  switch (code) {
    case 'no-property':
      return propertyAdvice(scene);
    case 'other-host':
      return `; it starts when that host offers, or asks for another after qalter -l nodes=… ${jobNumber(job.id)}`;
    case 'no-offers':
      return '; it starts when Mesos offers enough';
    case 'gang-incomplete':
      return '; it starts when all are there at once';
    case 'growth-held':
      return '; mesos-torque release lets it go on';
    case 'agent-drained':
      return '; it starts when another agent offers enough, or when the drain is over';
    case 'launches-in-flight':
      return '; it comes next when those are up';
    case 'agent-backs-off':
      return '; it starts when that is over or another agent offers enough';
    case 'agent-quarantined':
      return '; it starts when the quarantine ends (at once with mesos-torque repair --yes --clear-agent), or when another agent offers enough';
    case 'maintenance':
      return '; it starts when another agent offers enough, or when its walltime ends before the maintenance';
    case 'readings-missing':
      return scene.plan.report.notices.map((notice) => `; ${notice.text}`)[0] ?? '';
    case 'run-limit':
    case 'resource-limit':
      return '; it is its turn when others have ended, or when the limit is raised with qmgr';
    case 'job-held':
      return `; ${releaseOf(job)} releases it`;
    case 'queue-stopped':
      return `; it goes on after qmgr -c "set queue ${job.queue} started=true"`;
    case 'not-for-nodes':
      return "; these are the words of TORQUE's own scheduler, and no node would change them";
    default:
      return '';
  }
}

/** Who asks for a property has to know where properties come from. */
function propertyAdvice({ survey }: Scene): string {
  const names = survey.policy.propertyAttributes;
  return names.length === 0
    ? '; agents have no properties at all, because policy.propertyAttributes names no attribute'
    : `; it starts when an agent that has it offers (properties are what agents have in ${names.join(', ')}: policy.propertyAttributes)`;
}

/** qrls releases a user's hold unless it is told which. */
function releaseOf({ id, holds }: JobFacts): string {
  const others = ['o', 's'].filter((letter) => holds.includes(letter)).join('');
  const which = others === '' ? '' : ` -h ${holds.includes('u') ? 'u' : ''}${others}`;
  return `qrls${which} ${jobNumber(id)}`;
}

function nodesLimit({ snapshot }: Scene): string {
  const limit = nodesLimitWish(snapshot);
  return limit === null
    ? 'policy.safeAllocation is raised'
    : `the limit of ${limit.who} (${quoted(limit.why)}) is raised with mesos-torque scale`;
}
