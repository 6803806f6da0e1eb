/**
 * What pbs_server needs so that jobs may wait for nodes that do not exist yet. Stock pbs_sched deletes
 * a job that asks for more slots than all known nodes have, or for more nodes than
 * `resources_available.nodect`; a placeholder node that is down for ever and a `nodect` keep it queued.
 *
 * Planned from what the server has, so that doing it twice changes nothing; each step says why.
 */
import { grouped } from '@mesos-torque/common/units.ts';
import type { TorqueNode } from '../core/facts.ts';
import type { Outcome } from '../loop/ports.ts';
import { checkHostName } from './node-names.ts';
import { parsePrintServer, type ServerAttributes } from './server-attributes.ts';
import { during, failed, type TorqueCommands } from './torque-commands.ts';

export interface WantedSetup {
  readonly placeholder: {
    /** A name that resolves on the server's host and where no mom runs; the head itself by default. */
    readonly node: string;
    /** Slots of the safe allocation, from 1 to 65,535. */
    readonly np: number;
    /** The mark in `requestid` by which a placeholder of ours is known. */
    readonly requestId: string;
  };
  /**
   * At least the slots of the safe allocation: pbs_sched lets a job wait that asks for no more nodes than
   * this, and adds up the nodes of running jobs against it ("Not enough nodes available").
   */
  readonly nodect: number;
  /** How often pbs_sched looks by itself, in seconds. A node turning free does not wake it. */
  readonly schedulerIterationS: number;
}

export interface SetupStep {
  /** For `qmgr -c`. */
  readonly sentence: string;
  readonly why: string;
}

export type SetupPlan =
  | { readonly ok: true; readonly steps: readonly SetupStep[] }
  /** Something of the administrator's stands in the way. */
  | { readonly ok: false; readonly why: string; readonly remedy: string };

/** The steps that are missing, in the order in which they are to be done; none when all is as wanted. */
export function planSetup(
  attributes: ServerAttributes,
  nodes: readonly TorqueNode[],
  wanted: WantedSetup,
): SetupPlan {
  const placeholder = placeholderSteps(nodes, wanted.placeholder);
  if (!placeholder.ok) return placeholder;
  return {
    ok: true,
    steps: [
      ...placeholder.steps,
      ...atLeast(
        attributes,
        'resources_available.nodect',
        wanted.nodect,
        `jobs of up to ${grouped(wanted.nodect)} nodes shall wait; pbs_sched deletes those that ask for more`,
      ),
      ...atMost(
        attributes,
        'scheduler_iteration',
        wanted.schedulerIterationS,
        `pbs_sched shall look every ${wanted.schedulerIterationS} s, for a node turning free does not wake it`,
      ),
      ...schedulingStep(attributes),
    ],
  };
}

/** Reads what the server has, and does what is missing. Returns the steps done. */
export async function applySetup(
  commands: TorqueCommands,
  nodes: readonly TorqueNode[],
  wanted: WantedSetup,
): Promise<Outcome<readonly SetupStep[]>> {
  const attributes = await readAttributes(commands);
  if (!attributes.ok) return attributes;
  const plan = planSetup(attributes.value, nodes, wanted);
  if (!plan.ok) return failed('conflict', `setting up pbs_server: ${plan.why}; ${plan.remedy}`);
  for (const step of plan.steps) {
    const done = await commands.qmgr(step.sentence);
    if (!done.ok) return during(`setting up pbs_server: ${step.sentence}`, done.problem);
  }
  return { ok: true, value: plan.steps };
}

async function readAttributes(commands: TorqueCommands): Promise<Outcome<ServerAttributes>> {
  const printed = await commands.qmgr('print server');
  const attributes = printed.ok ? parsePrintServer(printed.value.stdout.toString('utf8')) : printed;
  return attributes.ok ? attributes : during('reading the server', attributes.problem);
}

function placeholderSteps(nodes: readonly TorqueNode[], wanted: WantedSetup['placeholder']): SetupPlan {
  const name = checkHostName(wanted.node);
  if (!name.ok) return { ok: false, why: name.error, remedy: 'name another torque.placeholder.node' };
  const node = nodes.find((candidate) => candidate.name === name.value);
  const slots = `${grouped(wanted.np)} slots of the safe allocation`;
  if (node === undefined) {
    const sentence = `create node ${name.value} np=${wanted.np},requestid=${wanted.requestId}`;
    const why = `jobs for up to the ${slots} shall wait; pbs_sched deletes those larger than all known nodes`;
    return { ok: true, steps: [{ sentence, why }] };
  }
  if (node.np >= wanted.np) return { ok: true, steps: [] };
  if (node.requestId !== wanted.requestId) {
    return {
      ok: false,
      why: `node ${name.value} was not made by us and has ${grouped(node.np)} slots, less than the ${slots}`,
      remedy: 'name another torque.placeholder.node, or give the node the slots yourself',
    };
  }
  const why = `the placeholder has ${grouped(node.np)} slots, less than the ${slots}`;
  return { ok: true, steps: [{ sentence: `set node ${name.value} np=${wanted.np}`, why }] };
}

function atLeast(
  attributes: ServerAttributes,
  name: string,
  wanted: number,
  why: string,
): readonly SetupStep[] {
  const present = numberOf(attributes, name);
  return present !== null && present >= wanted ? [] : [{ sentence: `set server ${name}=${wanted}`, why }];
}

function atMost(
  attributes: ServerAttributes,
  name: string,
  wanted: number,
  why: string,
): readonly SetupStep[] {
  const present = numberOf(attributes, name);
  return present !== null && present <= wanted ? [] : [{ sentence: `set server ${name}=${wanted}`, why }];
}

function schedulingStep(attributes: ServerAttributes): readonly SetupStep[] {
  if (attributes.get('scheduling')?.[0]?.toLowerCase() === 'true') return [];
  return [{ sentence: 'set server scheduling=true', why: 'without it pbs_sched is never asked to run jobs' }];
}

function numberOf(attributes: ServerAttributes, name: string): number | null {
  const value = attributes.get(name)?.[0];
  return value !== undefined && /^[0-9]{1,15}$/.test(value) ? Number(value) : null;
}
