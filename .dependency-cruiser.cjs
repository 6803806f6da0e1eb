/** Which module may import which. Every ban says why; docs/ARCHITECTURE.md draws the picture. */
const scheduler = '^packages/scheduler/src';
const tests = '\\.(prop\\.)?test\\.ts$';

module.exports = {
  forbidden: [
    {
      name: 'core-is-pure',
      comment:
        'core decides and does nothing else: it imports itself and the units, so that a plan depends on the snapshot alone and can be replayed anywhere.',
      severity: 'error',
      from: { path: `${scheduler}/core/`, pathNot: [tests, '/testing/'] },
      to: { pathNot: [`${scheduler}/core/`, '^packages/common/src/units\\.ts$'] },
    },
    {
      name: 'loop-reaches-out-through-ports',
      comment:
        'loop knows TORQUE and Mesos as ports only: the same loop runs on real adapters and on the fakes of the simulation.',
      severity: 'error',
      from: { path: `${scheduler}/loop/`, pathNot: tests },
      to: {
        path: [
          `${scheduler}/(torque|mesos|api|cli|sim)/`,
          `${scheduler}/(main|run)\\.ts$`,
          '^packages/(proto|executor|minicluster)/',
        ],
      },
    },
    {
      name: 'adapters-stand-side-by-side',
      comment:
        'torque, mesos and api are joined by main alone: none of them may know another, or the loop that drives them.',
      severity: 'error',
      from: { path: `${scheduler}/(torque|mesos|api)/`, pathNot: tests },
      to: {
        path: `${scheduler}/(torque|mesos|api|cli|sim|loop)/`,
        pathNot: [`${scheduler}/$1/`, `${scheduler}/loop/ports\\.ts$`],
      },
    },
    {
      name: 'the-seat-knows-no-work',
      comment:
        'ha and zookeeper say who may act and keep the state; what is done with it is the business of the loop, which knows nothing of them.',
      severity: 'error',
      from: { path: `${scheduler}/(ha|zookeeper)/`, pathNot: tests },
      to: {
        path: `${scheduler}/(mesos|api|cli|sim|replay|setup|doctor|core|loop)/`,
        pathNot: [`${scheduler}/loop/(ports|state-)`],
      },
    },
    {
      name: 'cli-does-not-act',
      comment:
        'cli asks the running scheduler (gRPC) or plans offline on saved outputs; it carries nothing out, so it needs no loop and no client.',
      severity: 'error',
      from: { path: `${scheduler}/cli/`, pathNot: tests },
      to: {
        path: [`${scheduler}/(loop|api|sim)/`, `${scheduler}/mesos/scheduler-client\\.ts$`],
        pathNot: `${scheduler}/loop/ports\\.ts$`,
      },
    },
    {
      name: 'nobody-imports-main',
      comment: 'main joins the parts and starts them; whoever imports it would start a scheduler.',
      severity: 'error',
      from: {},
      to: { path: '^packages/.+[-/]main\\.ts$' },
    },
    {
      name: 'scheduler-and-executor-are-strangers',
      comment:
        'They run on different machines and versions and share the messages in packages/proto, nothing else.',
      severity: 'error',
      from: { path: '^packages/(scheduler|executor)/' },
      to: { path: '^packages/(scheduler|executor|minicluster)/', pathNot: '^packages/$1/' },
    },
    {
      name: 'common-knows-no-one',
      comment: 'common is below everything: what it imported could not be used by what it imports.',
      severity: 'error',
      from: { path: '^packages/(common|proto)/', pathNot: tests },
      to: { path: '^packages/(scheduler|executor|minicluster)/' },
    },
    {
      name: 'minicluster-uses-programs',
      comment:
        'The mini-cluster starts the scheduler and the executor as programs, as a site would; it must not reach into them, or its stories would prove less.',
      severity: 'error',
      from: { path: '^packages/minicluster/', pathNot: tests },
      to: { path: '^packages/(scheduler|executor)/' },
    },
    {
      name: 'stories-use-programs',
      comment:
        'The stories play a site: they start the scheduler and the executor as programs and ask the cluster, not our code, what became of jobs and nodes.',
      severity: 'error',
      from: { path: '^test-e2e/', pathNot: tests },
      to: { path: '^packages/(scheduler|executor)/' },
    },
    {
      name: 'tests-only',
      comment:
        'Builders and fakes exist for tests and the simulation; production code that leaned on them would be tested against itself.',
      severity: 'error',
      from: { pathNot: [tests, '/testing/', `${scheduler}/sim/`, '^bench/'] },
      to: { path: ['/testing/', tests] },
    },
    {
      name: 'no-cycles',
      comment: 'Modules that need each other are one module in two files.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['node_modules', '^packages/proto/src/gen'] },
    exclude: { path: ['/dist/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node'],
      extensions: ['.ts', '.tsx', '.js'],
    },
  },
};
