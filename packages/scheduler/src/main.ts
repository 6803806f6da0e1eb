/** The program `mesos-torque`. */
import { runCommandLine } from './cli/commands.ts';
import { runScheduler } from './run.ts';

// Package managers start scripts in the checkout; files on the command line are meant from where the
// user stands.
const { INIT_CWD: standsIn, npm_lifecycle_event: script } = process.env;
if (script === 'mesos-torque' && standsIn !== undefined) process.chdir(standsIn);

process.exitCode = await runCommandLine(process.argv.slice(2), { run: runScheduler });
