/** The command `replay`, as the command line declares it. */
import type { Command } from 'commander';
import { clusterForm } from '../replay/cluster.ts';
import { schedulerNames } from '../replay/model/schedulers.ts';
import { traceFormats } from '../replay/trace/trace.ts';
import { exitBadInput, exitOk } from './config-flags.ts';
import { replayDefaults, showReplay, type ReplayFlags } from './replay.ts';
import { withFormats } from './output.ts';
import type { Terminal } from './terminal.ts';

const help = `
Policies are compared on the same jobs with two baselines: "static", a cluster that always stands in full, and
"2010", the rule of the framework of 2010. Of a configuration file only the policy is used; "default" is always there. A
safe allocation or npMax that it does not set does not limit the cluster that is described.

A cluster is ${clusterForm}; the name becomes the
property cl_NAME, further names are properties as they are, and memory may follow the slots: 48x12/90gb:zegox:fast.
Without memory none is scarce.

Jobs run for as long as they did; schedulers go by the walltimes that users asked for. Jobs that never started (status
5 without a run time in SWF), parts of jobs (status 2 to 4) and jobs whose run time is not known are left out.

JSON is an object per policy, a line each, and YAML a document; grows and shrinks are nodes in all, everything else
goes to standard error. wide is the table as it is.

Examples:
  mesos-torque replay --trace accounting/20261101 --cluster 40x16:std
  mesos-torque replay --trace KTH-SP2.swf.gz --policy small.yaml --policy large.yaml --jobs 5000 --json

Exit codes: 0 done; 2 the command line, the trace or a policy is wrong.
`;

export function addReplayCommand(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  withFormats(program.command('replay'))
    .description('replay a past workload under policies, and show how long jobs wait and what is held')
    .requiredOption('--trace <file>', 'an SWF file, an accounting log of TORQUE, or a wagap file; may be .gz')
    .option('--policy <file>', 'a configuration to compare; may be repeated', append, [])
    .option('--format <form>', `${traceFormats.join(', ')}; left out, the file tells`)
    .option('--cluster <agents>', 'what it runs on; left out, the header of an SWF file tells')
    .option(
      '--scheduler <name>',
      `TORQUE's scheduler: ${schedulerNames.join(', ')}`,
      replayDefaults.scheduler,
    )
    .option('--boot <time>', 'from a launch to a node that takes jobs', replayDefaults.boot)
    .option('--host-list <time>', "the beat of pbs_server's host list, 10s in 6.1.3", replayDefaults.hostList)
    .option('--poll <time>', 'how often TORQUE is read while nothing is expected of it', replayDefaults.poll)
    .option('--jobs <count>', 'only so many of the first jobs')
    .addHelpText('after', help)
    .action(async (flags: ReplayFlags) => {
      exit((await showReplay(flags, terminal)) ? exitOk : exitBadInput);
    });
}

function append(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}
