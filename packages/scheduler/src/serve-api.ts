/**
 * What the scheduler serves to people and programs from its first moment to its last: control API, dashboard, metrics,
 * health. Reigns come and go; whoever rules is attached.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '@mesos-torque/common/clock.ts';
import { readSecretFile } from '@mesos-torque/common/secret-file.ts';
import type { LeveledLog } from '@mesos-torque/common/pino-log.ts';
import { GetStatusResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import packageJson from '../package.json' with { type: 'json' };
import type { Artifact } from './api/artifact.ts';
import { createControl, type Control } from './api/control.ts';
import { serveControl, serveControlOverTls, type IsReady } from './api/control-server.ts';
import { controlService } from './api/control-service.ts';
import { createHistory, historyIntervalMs, momentOf, type History } from './api/history.ts';
import { httpApi } from './api/http-api.ts';
import { createEventFeed } from './api/http-events.ts';
import { httpMetrics } from './api/http-metrics.ts';
import { httpPages } from './api/http-pages.ts';
import { serveHttp } from './api/http-server.ts';
import { journalView } from './api/journal-view.ts';
import { createLiveness } from './api/liveness.ts';
import { createNodeLog } from './api/node-log.ts';
import { createPastOffers } from './api/past-offers.ts';
import { createPhaseTimes } from './api/phase-times.ts';
import { createPlanFeed, type FedLoop, type PlanFeed, type RunSliced } from './api/plan-feed.ts';
import type { Standing } from './api/status-view.ts';
import { bearerToken, noTokens, onSocket, readTokens, type Tokens } from './api/tokens.ts';
import type { Config } from './config.ts';
import { limitsInForce } from './core/in-force.ts';
import { inSlices } from './loop/in-slices.ts';
import type { Journal } from './loop/journal.ts';
import type { SandboxPort } from './loop/ports.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { builtDir } from './serve-executor.ts';

export interface ApiParts {
  readonly config: Config;
  readonly artifacts: readonly Artifact[];
  readonly ring: Journal;
  readonly standing: () => Pick<Standing, 'role' | 'ready'>;
  readonly log: LeveledLog;
  readonly clock: Clock;
}

/** What rules, as far as the API has to do with it. */
export interface Attached {
  readonly loop: FedLoop;
  readonly sandboxes: SandboxPort;
}

export interface Api {
  readonly httpPort: number;
  readonly metrics: Metrics;
  /** Null when nobody rules any more. */
  readonly attach: (ruling: Attached | null) => void;
  close(): Promise<void>;
}

export async function serveApi(parts: ApiParts): Promise<Api> {
  const { config, ring, log, clock } = parts;
  const tokens = config.control.tokenFile === null ? noTokens : await readTokens(config.control.tokenFile);
  const { version } = packageJson;
  const startedAtMs = clock.nowMs();
  const standing = (): Standing => ({ ...parts.standing(), version, startedAtMs });
  const phases = createPhaseTimes();
  const sliced: RunSliced = (work) => inSlices(work, clock);
  const feed = createPlanFeed(sliced, (taskId) => phases.sinceMs(taskId));
  const metrics = createMetrics(version, config.policy);
  const pastOffers = createPastOffers();
  let sandboxes: SandboxPort | null = null;
  const nodeLog = createNodeLog({
    sandboxes: () => sandboxes,
    planned: () => feed.ruling().planned,
    nowMs: () => clock.nowMs(),
  });
  const liveness = createLiveness(clock);
  const history = createHistory();
  const stopHistory = keepHistory(feed, history, parts);
  feed.onPlan((planned) => {
    const { plan, snapshot } = planned;
    pastOffers.note(planned);
    nodeLog.note(planned);
    liveness.planned();
    if (snapshot.nodes.state !== 'unknown' && snapshot.tasks.state !== 'unknown') {
      metrics.phasesEnded(phases.look(plan.report.nodes, snapshot.nowMs));
    }
    metrics.planned(planned, clock.nowMs() - snapshot.nowMs);
  });
  ring.subscribe((entry) => {
    metrics.journaled(entry);
  });
  const journal = journalView(ring);
  const control = createControl({
    feed,
    journal,
    record: (entry) => {
      ring.append(entry);
      ring.flush();
      log.info(entry.event, { why: entry.why, ...entry.data });
    },
    history,
    pastOffers,
    nodeLog,
    policy: config.policy,
    standing,
    logLevel: { get: () => log.level(), set: (level) => log.setLevel(level) },
    clock,
    sliced,
  });
  const statusJson = async (): Promise<string> =>
    JSON.stringify(GetStatusResponse.toJSON(await control.getStatus({ summary: true })));
  const events = createEventFeed(journal, statusJson, feed.onPlan, clock);
  const metricStanding = (): { isLeading: boolean; isReady: boolean } => {
    const { role, ready } = standing();
    return { isLeading: role === 'leading', isReady: ready.ok };
  };
  const http = await serveHttp({
    ...config.http,
    artifacts: parts.artifacts,
    alive: () => liveness.look(),
    // The readings of a plan stay fresh for ever when no other plan follows.
    ready: () => (liveness.look().ok ? standing().ready : liveness.look()),
    handlers: [
      httpApi({ control, tokens, events }),
      httpMetrics(metrics, feed, metricStanding),
      await httpPages(config.http.dashboardDir ?? path.join(builtDir(), 'dashboard')),
    ],
    log,
  });
  const closers = [
    () => http.close(),
    ...(await serveGrpc(config, control, tokens, () => liveness.look().ok && standing().ready.ok)),
  ];
  return {
    httpPort: http.port,
    metrics,
    attach(ruling) {
      liveness.ruled(ruling !== null);
      sandboxes = ruling?.sandboxes ?? null;
      feed.attach(ruling?.loop ?? null);
    },
    async close() {
      stopHistory();
      events.end();
      for (const close of closers.reverse()) await close();
    },
  };
}

async function serveGrpc(
  { control: { socket, listen, tlsCert, tlsKey, tlsClientCa } }: Config,
  control: Control,
  tokens: Tokens,
  isReady: IsReady,
): Promise<(() => Promise<void>)[]> {
  const local = await serveControl(
    socket,
    controlService(control, () => onSocket),
    isReady,
  );
  if (listen === null) return [() => local.close()];
  const service = controlService(control, (metadata) => {
    const [header] = metadata.get('authorization');
    return tokens.mustKnow(bearerToken(header?.toString()));
  });
  const cert = await readFile(tlsCert ?? '', 'utf8');
  const clientCa = tlsClientCa === null ? null : await readFile(tlsClientCa, 'utf8');
  const key = await readSecretFile(tlsKey ?? '', 'control.tlsKey');
  if (!key.ok) throw new Error(key.why);
  const remote = await serveControlOverTls(listen, { cert, key: key.text, clientCa }, service, isReady);
  return [() => local.close(), () => remote.close()];
}

/** Beside the sources, or beside the program that was built from them. */
function keepHistory(feed: PlanFeed, history: History, { config, clock, log }: ApiParts): () => void {
  let offers: Record<string, number> = {};
  feed.onPlan(({ plan }) => {
    for (const { kind } of plan.report.offers) offers[kind] = (offers[kind] ?? 0) + 1;
  });
  let cancel = (): void => undefined;
  const sample = async (): Promise<void> => {
    const view = await feed.view();
    if (view !== null) {
      const limits = limitsInForce(view.planned.snapshot, config.policy);
      history.add(clock.nowMs(), momentOf(view, limits, offers));
    }
    offers = {};
  };
  const again = (): void => {
    cancel = clock.after(historyIntervalMs, () => {
      sample().then(again, (error: unknown) => {
        log.error('history not kept', { error: String(error) });
      });
    });
  };
  again();
  return () => {
    cancel();
  };
}
