/** What must hold between options; each rule says what to do where it does not. */
import type { Values } from './config-options.ts';

interface Rule {
  readonly holds: boolean;
  readonly error: string;
}

/** Options that are fine by themselves and not together. Those that could not be read are not judged. */
export function contradictions(values: Partial<Values>): readonly string[] {
  return [
    ...orderRules(values),
    ...floorRules(values),
    secretRule(values),
    ...tlsRules(values),
    ...checksumRules(values),
    ...listenRules(values),
    executorRule(values),
    schedulerRule(values),
  ]
    .filter((rule) => !rule.holds)
    .map((rule) => rule.error);
}

function orderRules(values: Partial<Values>): readonly Rule[] {
  const ordered = [
    ['torque.pollInterval', 'torque.quietPollInterval'],
    ['policy.agentBackoff', 'policy.agentBackoffMax'],
    ['policy.minComputeNode.np', 'policy.npMax'],
  ] as const;
  return ordered.map(([small, large]) => ({
    holds: (values[small] ?? 0) <= (values[large] ?? Infinity),
    error: `${small} is larger than ${large}: lower the one or raise the other`,
  }));
}

function secretRule(values: Partial<Values>): Rule {
  return {
    holds: (values['mesos.secretFile'] ?? null) === null || (values['mesos.principal'] ?? null) !== null,
    error: 'mesos.secretFile is given and mesos.principal is not: name the principal whose secret it is',
  };
}

function checksumRules(values: Partial<Values>): readonly Rule[] {
  const uri = values['executor.uri'] ?? null;
  const isGiven = (values['executor.uriSha256'] ?? []).length > 0;
  return [
    {
      holds: !isGiven || uri !== null,
      error:
        'executor.uriSha256 is given and executor.uri is not: what agents fetch from us is verified anyway',
    },
    {
      holds: !isGiven || uri?.endsWith('.zip') !== true,
      error:
        'executor.uriSha256 is given and executor.uri is a zip file: give a tar archive, which agents can unpack once it is verified',
    },
  ];
}

function tlsRules(values: Partial<Values>): readonly Rule[] {
  const isGiven = (key: `${'mesos' | 'executor'}.tls${'Ca' | 'Cert' | 'Key'}`): boolean =>
    (values[key] ?? null) !== null;
  const pairs = (['mesos', 'executor'] as const).map((side) => ({
    holds: isGiven(`${side}.tlsCert`) === isGiven(`${side}.tlsKey`),
    error: `of ${side}.tlsCert and ${side}.tlsKey one is given and the other is not: a certificate is worth nothing without its key`,
  }));
  return [
    ...pairs,
    {
      holds: isGiven('executor.tlsCa') || !isGiven('executor.tlsCert'),
      error: 'executor.tlsCert is given and executor.tlsCa is not: name the authority of the agents too',
    },
    {
      holds: values['mesos.tls'] !== false || !(isGiven('mesos.tlsCa') || isGiven('mesos.tlsCert')),
      error: 'mesos.tls is false, and mesos.tlsCa or mesos.tlsCert is given: leave out the one or the other',
    },
  ];
}

function listenRules(values: Partial<Values>): readonly Rule[] {
  const listens = (values['control.listen'] ?? null) !== null;
  return (['control.tlsCert', 'control.tlsKey', 'control.tokenFile'] as const).map((key) => ({
    holds: !listens || (values[key] ?? null) !== null,
    error: `control.listen is given and ${key} is not: whoever reaches the port could change everything unseen`,
  }));
}

function schedulerRule(values: Partial<Values>): Rule {
  const isCommand = values['torque.scheduler'] === 'command';
  return {
    holds: !isCommand || (values['torque.schedulerCommand'] ?? ['?']).length > 0,
    error:
      'torque.scheduler is command and torque.schedulerCommand is empty: name the program and its arguments',
  };
}

/** Mesos gives a task at least 0.01 cpus; the executor's share must leave that much of the smallest node. */
function executorRule(values: Partial<Values>): Rule {
  const np = values['policy.minComputeNode.np'] ?? Infinity;
  const smallest = np * (values['policy.cpusPerSlot'] ?? Infinity);
  return {
    holds: (values['executor.cpus'] ?? 0) + 10 <= smallest,
    error:
      'executor.cpus does not leave 0.01 cpus of the smallest node (policy.minComputeNode.np × policy.cpusPerSlot): lower the one or raise the other',
  };
}

/** The floor must fit into what we never exceed, or it is never reached. */
function floorRules(values: Partial<Values>): readonly Rule[] {
  const floor = values['policy.minSlotsHeld'] ?? 0;
  const np = values['policy.minComputeNode.np'] ?? 0;
  const needs = [
    ['nodes', floor],
    ['cpus', floor * np * (values['policy.cpusPerSlot'] ?? 0)],
    ['mem', floor * ((values['policy.minComputeNode.mem'] ?? 0) + (values['executor.mem'] ?? 0))],
  ] as const;
  return needs.map(([kind, need]) => ({
    holds: need <= (values[`policy.safeAllocation.${kind}`] ?? Infinity),
    error: `policy.minSlotsHeld: the floor of ${floor} nodes does not fit into policy.safeAllocation.${kind}: lower the one or raise the other`,
  }));
}
