/** The options that a mom is made of, as its orders want them. */
import type { Values } from './config-options.ts';
import type { MomSettings } from './mesos/mom-orders.ts';

export type MomConfig = Omit<MomSettings, 'pbsServer' | 'path'>;

export function momOf(values: Values): MomConfig {
  return {
    pbsMom: values['executor.pbsMom'],
    momctl: values['executor.momctl'],
    momConfigLines: values['executor.momConfigLines'],
    torqueHome: values['executor.torqueHome'],
    hostHome: values['executor.hostHome'],
    healthIntervalMs: values['executor.healthInterval'],
    mpi: values['executor.mpi.enabled']
      ? {
          pbsdsh: values['executor.mpi.pbsdsh'],
          environment: values['executor.mpi.environment'],
          mpd: values['executor.mpi.mpd'],
        }
      : null,
    hooks: [
      { script: 'prologue', point: 'before', lines: values['executor.hooks.prologueBefore'] },
      { script: 'prologue', point: 'after', lines: values['executor.hooks.prologueAfter'] },
      {
        script: 'prologue.parallel',
        point: 'before',
        lines: values['executor.hooks.prologueParallelBefore'],
      },
      { script: 'prologue.parallel', point: 'after', lines: values['executor.hooks.prologueParallelAfter'] },
      { script: 'epilogue', point: 'before', lines: values['executor.hooks.epilogueBefore'] },
      { script: 'epilogue', point: 'after', lines: values['executor.hooks.epilogueAfter'] },
      {
        script: 'epilogue.parallel',
        point: 'before',
        lines: values['executor.hooks.epilogueParallelBefore'],
      },
      { script: 'epilogue.parallel', point: 'after', lines: values['executor.hooks.epilogueParallelAfter'] },
    ],
    restartsMax: values['executor.restartsMax'],
    waitForJobs: values['executor.waitForJobs'],
    momLayoutLines: values['executor.momLayoutLines'],
  };
}
