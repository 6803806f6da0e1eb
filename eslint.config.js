import tseslint from 'typescript-eslint';

const coreBans = [
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'core is pure: randomness comes from the shell, as an argument.',
  },
  { selector: "Identifier[name='Date']", message: 'core is pure: time is Snapshot.nowMs.' },
  { selector: "Identifier[name='process']", message: 'core is pure: it knows no process.' },
  { selector: "Identifier[name='Promise']", message: 'core is pure: it waits for nothing.' },
  { selector: ':function[async=true]', message: 'core is pure: it waits for nothing.' },
  { selector: 'AwaitExpression', message: 'core is pure: it waits for nothing.' },
];

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/**',
      '**/dist/**',
      'packages/proto/src/gen/**',
      'coverage/**',
      '.mesos-torque/**',
      '.dependency-cruiser.cjs',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.js', 'scripts/*.mjs'] } },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { requireDefaultForNonUnion: true, considerDefaultExhaustiveForUnions: false },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // noPropertyAccessFromIndexSignature asks for x['key'] where the key is not declared.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // Programs that print for people or for other programs.
    files: ['**/cli/**', '**/demo/**', '**/main.ts', 'scripts/**', 'bench/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['packages/scheduler/src/core/**/*.ts'],
    ignores: ['**/*.test.ts', '**/*.prop.test.ts', '**/testing/**'],
    rules: {
      'no-restricted-syntax': ['error', ...coreBans],
      'no-restricted-globals': [
        'error',
        ...[
          'setTimeout',
          'setInterval',
          'setImmediate',
          'queueMicrotask',
          'performance',
          'fetch',
          'crypto',
          'Buffer',
        ].map((name) => ({ name, message: 'core is pure: no clock, no I/O, no randomness.' })),
      ],
    },
  },
  {
    files: ['**/*.test.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  { files: ['**/*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);
