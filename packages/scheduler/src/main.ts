/** The program `mesos-torque`. */
import { runCommandLine } from './cli/commands.ts';
import { runDoctor } from './doctor/run-doctor.ts';
import { runScheduler } from './run.ts';
import { runSetup } from './setup/run-setup.ts';

// What Node itself means to change some day is no news to who types a command.
process.noDeprecation = true;

// Package managers start scripts in the checkout; files on the command line are meant from where the
// user stands.
const { INIT_CWD: standsIn, npm_lifecycle_event: script } = process.env;
if (script === 'mesos-torque' && standsIn !== undefined) process.chdir(standsIn);

// A module of CommonJS, which the single executable is, waits for nothing at its top.
void runCommandLine(process.argv.slice(2), {
  run: runScheduler,
  setup: runSetup,
  doctor: runDoctor,
}).then((code) => {
  process.exitCode = code;
});
