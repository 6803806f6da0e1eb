/** Why a job waits, or does not: from TORQUE's words to the last agent that would have fitted. */
import type { JobVerdict } from './decisions.ts';
import { budgetLines } from './explain-budget.ts';
import { conclusionOfJob } from './explain-conclusion.ts';
import { leftAloneLines, offerLines } from './explain-offers.ts';
import { comingLines, freeLines } from './explain-supply.ts';
import {
  about,
  ago,
  amountsText,
  plain,
  requestText,
  section,
  told,
  wantText,
  type Explanation,
  type Line,
  type Section,
} from './explain-words.ts';
import type { Scene } from './explain.ts';
import type { JobFacts } from './facts.ts';
import { nodeFor } from './fit.ts';
import { hostWords } from './host-words.ts';
import { Limits } from './limits.ts';
import { memoryOf, wantOfSet, wantOfSlots, type Want } from './pool.ts';
import { quoted, seconds } from './reasons.ts';
import { askOf, type Ask } from './shapes.ts';
import { nothingLimited } from './settings.ts';
import type { Sliced } from './sliced.ts';
import { valueOf, type Survey } from './survey.ts';

export function* explainJob(job: JobFacts, scene: Scene): Sliced<Explanation> {
  const verdict = scene.plan.report.jobs.find(({ jobId }) => jobId === job.id) ?? null;
  const ask = yield* askOfJob(job, scene.survey);
  const waits = verdict !== null && verdict.kind !== 'not-demand';
  const wants = ask === null || !waits ? [] : wantsOf(ask);
  const sections: Section[] = [
    section('verdict', 'What mesos-torque says', verdictLines(verdict, scene)),
    section('torque', 'What TORQUE says', torqueLines(job, scene)),
    section('asks', 'What it asks for', asksLines(job, wants, scene)),
    ...(wants.length === 0 ? [] : yield* needSections(job.id, wants, scene)),
  ];
  return { kind: 'job', id: job.id, conclusion: conclusionOfJob(job, verdict, wants, scene), sections };
}

function* needSections(jobId: string, wants: readonly Want[], scene: Scene): Sliced<readonly Section[]> {
  const leftAlone = leftAloneLines(wants, scene);
  return [
    section('free', 'What is free', yield* freeLines(jobId, wants, scene)),
    section('on-the-way', 'What is on its way', comingLines(jobId, wants, scene)),
    section('offers', 'What Mesos offers', offerLines(wants, scene)),
    section('allocation', 'What may still be taken', budgetLines(wants, scene)),
    ...(leftAlone.length === 0 ? [] : [section('agents', 'Agents that are left alone for now', leftAlone)]),
  ];
}

function* askOfJob(job: JobFacts, { snapshot }: Survey): Sliced<Ask | null> {
  const limits = new Limits(valueOf(snapshot.settings, nothingLimited), []);
  const hosts = yield* hostWords(snapshot);
  return askOf(job, { properties: limits.propertiesOf(job), hosts });
}

/** The different things that it wants of one node. */
function wantsOf(ask: Ask): readonly Want[] {
  if (ask.kind === 'slots') return [wantOfSlots(ask.slots, ask.memMibPerSlot, ask.walltimeMs)];
  return ask.parts.map(({ set }) => wantOfSet(set, ask.walltimeMs));
}

function verdictLines(verdict: JobVerdict | null, { plan }: Scene): readonly Line[] {
  if (verdict === null) return [plain('the latest plan does not know it yet')];
  return [told(verdict.why), ...plan.report.notices.map(told)];
}

function torqueLines(job: JobFacts, { snapshot }: Scene): readonly Line[] {
  const { state, queue, owner, comment, queuedAtMs, execNodes, depend, startsAfterMs } = job;
  const { nowMs } = snapshot;
  return [
    plain(`${quoted(job.name)} of ${owner}: ${state}, in queue ${queue} for ${ago(nowMs - queuedAtMs)}`),
    plain(
      comment === null
        ? "TORQUE's scheduler has said nothing about it"
        : `TORQUE's scheduler says ${quoted(comment)}`,
    ),
    ...(depend === null ? [] : [plain(`it depends on ${quoted(depend)}`)]),
    ...(startsAfterMs === null || startsAfterMs <= nowMs
      ? []
      : [plain(`it may not start before ${seconds(startsAfterMs - nowMs)} from now (qsub -a)`)]),
    ...execNodes.map((node) => about('node', node, `it runs on ${node}`)),
  ];
}

function asksLines(job: JobFacts, wants: readonly Want[], { survey }: Scene): readonly Line[] {
  const { policy } = survey;
  const sizes = wants.map((want) => {
    const memMib = memoryOf(want, want.slotsMin);
    const { resources } = nodeFor({ slots: want.slotsMin, memMib, gpus: want.gpus }, policy);
    return plain(`a new node for ${wantText(want)} takes ${amountsText(resources)} of an offer`);
  });
  const walltime = job.walltimeS === null ? 'no walltime' : `a walltime of ${ago(job.walltimeS * 1000)}`;
  return [plain(`${requestText(job.request)}, ${walltime}`), ...sizes];
}
