/** What the stories' schedulers have in common: small nodes, and short times so that a story takes seconds. */
export const quick = {
  idleTime: '2s',
  npMax: 4,
  memPerSlot: '128MiB',
  minComputeNode: { np: 1, mem: '128MiB' },
  safeAllocation: { cpus: '16', mem: '16GiB', nodes: '4' },
  repeatInterval: '2s',
  reviveInterval: '2s',
  declineUnfit: '2s',
} as const;
