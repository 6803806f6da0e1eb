/** The program `mesos-torque`. */
import { runCommandLine } from './cli/commands.ts';
import { runScheduler } from './run.ts';

process.exitCode = await runCommandLine(process.argv.slice(2), { run: runScheduler });
