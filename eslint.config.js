import js from '@eslint/js';
import tseslint from 'typescript-eslint';

// Import boundaries (ARCHITECTURE.md, "Rules of the house"). Each has a number and a reason.
const services = ['keystone', 'glance', 'nova', 'neutron', 'cinder', 'events', 'dashboard'];
const forbid = (regex, message) => ({ regex, message });

const B1 = (self) =>
  services
    .filter((s) => s !== self)
    .map((s) => forbid(`^#${s}/(?!rpc\\.ts$)`, `B1: a service never imports another; use #clients/ or #${s}/rpc.ts.`));
const B2 = [...services, 'clients', 'cli', 'igloo'].map((s) =>
  forbid(`^#${s}/`, 'B2: common/ knows no service: it must stay usable by all of them.'),
);
const B3 = forbid('^(node:)?child_process$', 'B3: only common/host starts programs; import #common/host/run.ts.');
const B4 = forbid('^kysely$', 'B4: only rows.ts, tables.ts, migrations/ and common/db speak SQL.');
const B6 = forbid('\\.\\./\\.\\./\\.\\.', 'B6: across areas import by #area/path, not by climbing.');

const patterns = (...list) => ({ 'no-restricted-imports': ['error', { patterns: list.flat() }] });

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'openapi', '.igloo', 'web/dist', 'web/node_modules'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js'] } } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        { selector: 'TSEnumDeclaration', message: 'Use a string-literal union or an `as const` object.' },
      ],
    },
  },
  { files: ['**/*.config.{ts,js}', 'tools/**', 'eslint.config.js'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['src/**/*.ts'], rules: patterns(B3, B4, B6) },
  { files: ['src/common/**/*.ts'], rules: patterns(B2, B3, B4, B6) },
  ...services.map((s) => ({ files: [`src/${s}/**/*.ts`], rules: patterns(B1(s), B3, B4, B6) })),
  ...services.map((s) => ({
    files: [`src/${s}/**/*rows.ts`, `src/${s}/**/tables.ts`, `src/${s}/migrations/**`],
    rules: patterns(B1(s), B3, B6),
  })),
  { files: ['src/common/db/**', 'src/common/operations/**'], rules: patterns(B2, B3, B6) },
  { files: ['src/common/host/**'], rules: patterns(B2, B4, B6) },
  {
    files: ['src/nova/virt/**', 'src/neutron/agents/**'],
    rules: patterns(
      B1(''),
      B3,
      B4,
      forbid('rows\\.ts$|routes\\.ts$|service\\.ts$', 'B5: drivers and agents know no database and no API.'),
    ),
  },
  {
    files: ['web/**/*.{ts,tsx}'],
    rules: patterns(
      forbid(
        '^#(?!api/|app/|ui/|i18n/|screens/)',
        'B7: the console speaks to the cloud by HTTP only; of src/ it knows types of documents.',
      ),
    ),
  },
  { files: ['**/*.test.ts', 'test/**', 'bench/**'], rules: { 'no-restricted-imports': 'off' } },
);
