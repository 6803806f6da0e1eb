/** One job, offer or agent: why it is as it is, in one sentence first and then in all its parts. */
import type { ComponentChildren, JSX } from 'preact';
import { ApiError, listPath } from '../api.ts';
import { duration } from '../format.ts';
import type { Explanation, ExplainLine, Job } from '../messages.ts';
import { explanationIn, jobIn, pageIn } from '../read-messages.ts';
import { hrefOf, listHref, type ThingPage } from '../route.ts';
import { useAnswer, useNow, valueOf, type Answer } from '../store.ts';
import { Age, Few, Mark, NodeLink, Nothing } from '../parts/marks.tsx';
import { Panel } from '../parts/panel.tsx';
import { Shown } from '../parts/shown.tsx';
import { jobKind } from './lists.tsx';

export function useExplanation(kind: ThingPage, id: string): Answer<Explanation> {
  return useAnswer(`explain/${kind}/${encodeURIComponent(id)}`, explanationIn);
}

export function JobPage({ id }: { readonly id: string }): JSX.Element {
  const answer = useExplanation('job', id);
  // The explanation knows the whole name where only "42" was asked for.
  const fullId = valueOf(answer)?.id ?? '';
  const jobs = useAnswer(fullId === '' ? '' : listPath('jobs', `id:${fullId}`, 1, ''), (json) =>
    pageIn(json, 'jobs', jobIn),
  );
  const job = valueOf(jobs)?.items[0] ?? null;
  return (
    <>
      <h1>
        Job {fullId === '' ? id : fullId} {job === null ? null : <Mark kind={jobKind(job)} />}
      </h1>
      <Explained answer={answer} kind="job" id={id}>
        {job === null ? null : <JobFacts job={job} />}
      </Explained>
    </>
  );
}

function JobFacts({ job }: { readonly job: Job }): JSX.Element {
  const now = useNow();
  const rooms = job.execNodes.length > 0 ? job.execNodes : job.nodes;
  return (
    <dl class="facts">
      <Fact title="Name">{job.name}</Fact>
      <Fact title="Owner">
        <a href={listHref('jobs', `owner:${job.owner}`)}>{job.owner}</a>
      </Fact>
      <Fact title="Queue">
        <a href={listHref('jobs', `queue:${job.queue}`)}>{job.queue}</a>
      </Fact>
      <Fact title="State in TORQUE">{job.state}</Fact>
      <Fact title="Asks for">{job.request}</Fact>
      <Fact title="Walltime">{job.walltimeS === 0 ? <Nothing /> : duration(job.walltimeS * 1000)}</Fact>
      <Fact title="Queued">
        <Age atMs={job.queuedAtMs} nowMs={now} />
      </Fact>
      {rooms.length === 0 ? null : (
        <Fact title={job.execNodes.length > 0 ? 'Runs on' : 'Room on'}>
          <Few items={rooms} max={8} show={(name) => <NodeLink name={name} />} />
        </Fact>
      )}
      {job.comment === '' ? null : <Fact title="The TORQUE scheduler says">{job.comment}</Fact>}
    </dl>
  );
}

export function Fact({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function ExplainPage({
  kind,
  id,
}: {
  readonly kind: 'offer' | 'agent';
  readonly id: string;
}): JSX.Element {
  return (
    <>
      <h1>
        {kind === 'offer' ? 'Offer' : 'Agent'} <span class="id">{id}</span>
      </h1>
      <Explained answer={useExplanation(kind, id)} kind={kind} id={id} />
    </>
  );
}

interface ExplainedProps {
  readonly answer: Answer<Explanation>;
  readonly kind: ThingPage;
  readonly id: string;
  /** Between the one sentence and its parts. */
  readonly children?: ComponentChildren;
}

export function Explained({ answer, kind, id, children }: ExplainedProps): JSX.Element {
  if (answer.state === 'failed' && isUnknown(answer.error)) {
    return (
      <>
        <p class="notice">
          The scheduler knows no {kind} {id} at this moment.{' '}
          {kind === 'job' ? 'Jobs that have ended are forgotten soon.' : ''}
        </p>
        <p>
          <a href={listHref('journal', id)}>What the journal has about it</a>
        </p>
      </>
    );
  }
  return (
    <Shown answer={answer} what={`what explains the ${kind}`}>
      {(explanation) => (
        <>
          <p class="conclusion">{explanation.conclusion}</p>
          {children}
          <div class="sections">
            {explanation.sections
              .filter(({ lines }) => lines.length > 0)
              .map((section) => (
                <Panel key={section.code} title={section.title}>
                  <ul class="lines">
                    {section.lines.map((line, index) => (
                      <li key={index}>
                        <Line line={line} />
                      </li>
                    ))}
                  </ul>
                </Panel>
              ))}
          </div>
        </>
      )}
    </Shown>
  );
}

function isUnknown(error: ApiError): boolean {
  return error.status === 404;
}

const things: readonly ThingPage[] = ['job', 'node', 'offer', 'agent'];

/** The name of the thing is the link where the line has it; else the line says where it leads. */
function Line({ line }: { readonly line: ExplainLine }): JSX.Element {
  const kind = things.find((each) => each === line.aboutKind);
  if (kind === undefined || line.aboutId === '') return <>{line.text}</>;
  const href = hrefOf({ page: kind, id: line.aboutId });
  const at = line.text.indexOf(line.aboutId);
  if (at < 0) {
    return (
      <>
        {line.text} <a href={href}>{kind}</a>
      </>
    );
  }
  return (
    <>
      {line.text.slice(0, at)}
      <a href={href}>{line.aboutId}</a>
      {line.text.slice(at + line.aboutId.length)}
    </>
  );
}
