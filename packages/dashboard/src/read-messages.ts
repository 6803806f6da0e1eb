/** Reads the API's JSON into messages; what is of another shape is refused with the piece that is. */
import {
  countMap,
  flag,
  list,
  number,
  numberOrNull,
  numbers,
  optional,
  text,
  textMap,
  texts,
  type Json,
} from './decode.ts';
import type {
  Brake,
  QuarantinedAgent,
  RepairStep,
  Reading,
  Amounts,
  Limits,
  Wish,
  Job,
  Node,
  Offer,
  Entry,
  Status,
  Page,
  Explanation,
  NodeLog,
  ExplainLine,
  History,
  Settings,
} from './messages.ts';

const noLimits: Limits = { nodes: null, cpuMilli: null, memMib: null, diskMib: null, gpus: null };
const neverRead: Reading = { state: 'unknown', atMs: 0, why: 'the scheduler says nothing about it' };

export function statusIn(from: Json): Status {
  const reading = (what: string): { what: string; reading: Reading } => ({
    what,
    reading: optional(from, `${what}_reading`, readingIn) ?? neverRead,
  });
  return {
    plannedAtMs: number(from, 'planned_at_ms'),
    frameworkId: text(from, 'framework_id'),
    mesosConnected: flag(from, 'mesos_connected'),
    suppressed: flag(from, 'suppressed'),
    readings: ['queue', 'nodes', 'tasks', 'settings'].map(reading),
    held: optional(from, 'held', amountsIn),
    heldAfter: optional(from, 'held_after', amountsIn),
    floorNodes: number(from, 'floor_nodes'),
    notices: texts(from, 'notices'),
    jobsByVerdict: countMap(from, 'jobs_by_verdict'),
    jobsByState: countMap(from, 'jobs_by_state'),
    jobsByReason: countMap(from, 'jobs_by_reason'),
    nodesByPhase: countMap(from, 'nodes_by_phase'),
    offersByVerdict: countMap(from, 'offers_by_verdict'),
    safeAllocation: optional(from, 'safe_allocation', limitsIn) ?? noLimits,
    growthHeld: optional(from, 'growth_held', wishIn),
    drains: list(from, 'drains', wishIn),
    version: text(from, 'version'),
    startedAtMs: number(from, 'started_at_ms'),
    role: text(from, 'role'),
    ready: flag(from, 'ready'),
    notReadyWhy: text(from, 'not_ready_why'),
    brake: optional(from, 'brake', brakeIn),
    quarantined: list(from, 'quarantined', quarantinedIn),
  };
}

function brakeIn(from: Json): Brake {
  return {
    id: text(from, 'id'),
    why: text(from, 'why'),
    stopped: list(from, 'stopped', (one) => ({ node: text(one, 'node'), cause: text(one, 'cause') })),
  };
}

function quarantinedIn(from: Json): QuarantinedAgent {
  return {
    agentId: text(from, 'agent_id'),
    failures: number(from, 'failures'),
    state: text(from, 'state'),
    untilMs: number(from, 'until_ms'),
    evidence: texts(from, 'evidence'),
  };
}

export function repairIn(from: Json): readonly RepairStep[] {
  return list(from, 'steps', (step) => ({
    what: text(step, 'what'),
    why: text(step, 'why'),
    node: text(step, 'node'),
    difference: text(step, 'difference'),
    evidence: texts(step, 'evidence'),
    when: text(step, 'when'),
  }));
}

export function nodeLogIn(from: Json): NodeLog {
  return {
    agent: text(from, 'agent'),
    lines: list(from, 'lines', (line) => ({
      atMs: number(line, 'at_ms'),
      level: text(line, 'level'),
      text: text(line, 'text'),
    })),
    bytes: number(from, 'bytes'),
    isCut: flag(from, 'is_cut'),
    readAtMs: number(from, 'read_at_ms'),
  };
}

function readingIn(from: Json): Reading {
  return { state: text(from, 'state'), atMs: number(from, 'at_ms'), why: text(from, 'why') };
}

function amountsIn(from: Json): Amounts {
  return {
    nodes: number(from, 'nodes'),
    cpuMilli: number(from, 'cpu_milli'),
    memMib: number(from, 'mem_mib'),
    diskMib: number(from, 'disk_mib'),
    gpus: number(from, 'gpus'),
  };
}

function limitsIn(from: Json): Limits {
  return {
    nodes: numberOrNull(from, 'nodes'),
    cpuMilli: numberOrNull(from, 'cpu_milli'),
    memMib: numberOrNull(from, 'mem_mib'),
    diskMib: numberOrNull(from, 'disk_mib'),
    gpus: numberOrNull(from, 'gpus'),
  };
}

function wishIn(from: Json): Wish {
  return {
    who: text(from, 'who'),
    why: text(from, 'why'),
    sinceMs: number(from, 'since_ms'),
    deadlineMs: number(from, 'deadline_ms'),
    force: flag(from, 'force'),
    node: text(from, 'node'),
    agentId: text(from, 'agent_id'),
  };
}

export function jobIn(from: Json): Job {
  return {
    id: text(from, 'id'),
    verdict: text(from, 'verdict'),
    nodes: texts(from, 'nodes'),
    why: text(from, 'why'),
    whyCode: text(from, 'why_code'),
    name: text(from, 'name'),
    owner: text(from, 'owner'),
    queue: text(from, 'queue'),
    state: text(from, 'state'),
    request: text(from, 'request'),
    queuedAtMs: number(from, 'queued_at_ms'),
    execNodes: texts(from, 'exec_nodes'),
    comment: text(from, 'comment'),
    walltimeS: number(from, 'walltime_s'),
  };
}

export function nodeIn(from: Json): Node {
  return {
    name: text(from, 'name'),
    taskId: text(from, 'task_id'),
    phase: text(from, 'phase'),
    np: number(from, 'np'),
    jobs: texts(from, 'jobs'),
    why: text(from, 'why'),
    whyCode: text(from, 'why_code'),
    agentId: text(from, 'agent_id'),
    states: texts(from, 'states'),
    properties: texts(from, 'properties'),
    slotsUsed: number(from, 'slots_used'),
    resources: optional(from, 'resources', amountsIn),
    launchedAtMs: number(from, 'launched_at_ms'),
    phaseSinceMs: number(from, 'phase_since_ms'),
    idleSinceMs: number(from, 'idle_since_ms'),
    taskState: text(from, 'task_state'),
    momHealth: text(from, 'mom_health'),
    momStage: text(from, 'mom_stage'),
    goal: text(from, 'goal'),
    drain: optional(from, 'drain', wishIn),
  };
}

export function offerIn(from: Json): Offer {
  return {
    id: text(from, 'id'),
    host: text(from, 'host'),
    verdict: text(from, 'verdict'),
    why: text(from, 'why'),
    whyCode: text(from, 'why_code'),
    agentId: text(from, 'agent_id'),
    resources: optional(from, 'resources', amountsIn),
    receivedAtMs: number(from, 'received_at_ms'),
    heldUntilMs: number(from, 'held_until_ms'),
    refuseS: number(from, 'refuse_s'),
  };
}

export function entryIn(from: Json): Entry {
  return {
    sequence: number(from, 'sequence'),
    atMs: number(from, 'at_ms'),
    event: text(from, 'event'),
    node: text(from, 'node'),
    taskId: text(from, 'task_id'),
    jobId: text(from, 'job_id'),
    offerId: text(from, 'offer_id'),
    why: text(from, 'why'),
    data: textMap(from, 'data'),
  };
}

/** `field` is the name of the list: jobs, nodes, offers or entries. */
export function pageIn<T>(from: Json, field: string, one: (value: Json) => T): Page<T> {
  return {
    items: list(from, field, one),
    nextPageToken: text(from, 'next_page_token'),
    totalSize: number(from, 'total_size'),
  };
}

export function explanationIn(from: Json): Explanation {
  const line = (value: Json): ExplainLine => ({
    text: text(value, 'text'),
    code: text(value, 'code'),
    aboutKind: text(value, 'about_kind'),
    aboutId: text(value, 'about_id'),
  });
  return {
    kind: text(from, 'kind'),
    id: text(from, 'id'),
    conclusion: text(from, 'conclusion'),
    sections: list(from, 'sections', (section) => ({
      code: text(section, 'code'),
      title: text(section, 'title'),
      lines: list(section, 'lines', line),
    })),
    plannedAtMs: number(from, 'planned_at_ms'),
  };
}

export function historyIn(from: Json): History {
  return {
    atMs: numbers(from, 'at_ms').map((value) => value ?? 0),
    series: list(from, 'series', (series) => ({
      group: text(series, 'group'),
      name: text(series, 'name'),
      values: numbers(series, 'values'),
    })),
  };
}

export function settingsIn(from: Json): Settings {
  return {
    settings: list(from, 'settings', (setting) => ({
      name: text(setting, 'name'),
      value: text(setting, 'value'),
      configured: text(setting, 'configured'),
      what: text(setting, 'what'),
      changeable: flag(setting, 'changeable'),
      bounds: text(setting, 'bounds'),
    })),
    changed: optional(from, 'changed', wishIn),
  };
}
