/** Recordings that the stand-in does not play again, each with the reason. */
const reasons: readonly (readonly [string, string])[] = [
  ['first start of trqauthd on a host says more than later ones', 'trqauthd-start'],
  [
    'the hosts of the recordings share ports; moms of a test have ports of their own, which `momctl -h A,B` cannot name',
    'momctl-h-list momctl-h-all',
  ],
  ['same as mom-start, with another configuration', 'mom-config-novalid'],
  ['logs of the real programs', 'zero-transit-sched-log untrusted-momlog'],
  ['lists jobs that other situations left behind', 'scenario-running-qstat-n1 after-timeout-pbsnodes-x'],
  [
    'taken in the moment before the sisters had answered: here the job runs at once',
    'scenario-running-momctl-d3 scenario-running-momctl-d3-sister scenario-running-momctl-q-jobs',
  ],
  ['nodes still named the ended job in their status', 'scenario-offline-pbsnodes-x'],
  [
    'told as stories in traps.test.ts (busy node deleted, mom ended and started again, alias deleted, no host list)',
    `alias-deleted-node-down qmgr-delete-node-busy qmgr-delete-node-busy-qstat-x qmgr-delete-node-busy-momctl
     qdel-job-of-deleted-node orphan-momctl momkill-momctl mom-restart-TERM-default mom-restart-TERM-p
     mom-restart-INT-default mom-restart-9-default mom-restart-TERM-q
     untrusted-momctl-d3 untrusted-momctl-d3-sister untrusted-qstat-f-x`,
  ],
  [
    'needs hosts with addresses of their own',
    `momcfg-wrong-server momcfg-wrong-server-momctl momcfg-wrong-hostname-momctl momcfg-other-host-name
     momcfg-other-host-name-momctl remote-qstat remote-qmgr remote-qsub`,
  ],
  [
    'told as stories in job-scripts.test.ts',
    `prologue-world-writable-qstat-x prologue-755-qstat-x prologue-not-executable-qstat-x
     prologue-exit1-qstat-x prologue-exit2-qstat-x prologue-owner-qstat-x`,
  ],
  ['depends on how far pbs_sched had come at that moment', 'qrun-0 qrun-1 qrun-2 qrun-user A-qrun A-qrun-a'],
  ['asked before the server had answered the mom', 'momcfg-config-only-momctl'],
  ['load is not under the control of a test', 'pbsnodes-x-busy'],
  [
    'every test with moms has several on one host with ports of their own',
    'alt-nodes-file alt2-momctl alt2-pbsnodes-x alt2-stop alt3-mom alt3-momctl alt3-pbsnodes-x alt3-stop',
  ],
  ['shell commands around kill and timeout', 'noauthd-kill E-term E-foreground E-foregroundF'],
  [
    'asks what other recordings asked, after trqauthd was started again or without it',
    'noauthd-momctl noauthd-after',
  ],
  [
    'wants what the stand-in does not imitate: arguments of qsub that Moab alone heeds, gpus given to jobs, nodes taken whole (-n)',
    'requests-qstat-f-x gpus-qstat-f-t-x gpus-pbsnodes-x',
  ],
  [
    'an array of 400, as qstat prints it; that its slot limit holds elements is told as a story in jobs.test.ts',
    'arrays-qstat-f-x arrays-qstat-f-t-x-one',
  ],
];

export const notCovered: Readonly<Record<string, string>> = Object.fromEntries(
  reasons.flatMap(([reason, names]) =>
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, reason]),
  ),
);
