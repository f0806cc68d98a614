/** What a page imports: one boolean read, written as the package's own guide does. */
export interface Entry {
  readonly package: string;
  readonly role: 'ours' | 'peer';
  /** `local`: rules are evaluated in the page; `remote`: values come from a server; `provider`: a further package does either. */
  readonly evaluates: 'local' | 'remote' | 'provider';
  /** React is left out of the bundle: the page has it. */
  readonly isReact?: true;
  /** The module. `use` stands for whatever the page does with what it imported. */
  readonly code: string;
}

const use = (from: string, ...names: readonly string[]): string =>
  `import { ${names.join(', ')} } from '${from}'; globalThis.use(${names.join(', ')});`;

const all = (from: string, name: string): string => `import ${name} from '${from}'; globalThis.use(${name});`;

/** Ours and theirs. */
export const entries: readonly Entry[] = [
  {
    package: '@flags/browser/remote',
    role: 'ours',
    evaluates: 'remote',
    code: use('@flags/browser/remote', 'createClient'),
  },
  {
    package: '@flags/browser/remote, bare',
    role: 'ours',
    evaluates: 'remote',
    code: use('@flags/browser/remote', 'createBareClient'),
  },
  {
    package: '@flags/browser, bare',
    role: 'ours',
    evaluates: 'local',
    code: use('@flags/browser', 'createBareClient'),
  },
  { package: '@flags/browser', role: 'ours', evaluates: 'local', code: use('@flags/browser', 'createClient') },
  {
    package: '@flags/react + browser/remote',
    role: 'ours',
    evaluates: 'remote',
    isReact: true,
    code: use('@flags/browser/remote', 'createClient') + use('@flags/react', 'FlagProvider', 'useFlag'),
  },
  {
    package: '@flags/react + browser',
    role: 'ours',
    evaluates: 'local',
    isReact: true,
    code: use('@flags/browser', 'createClient') + use('@flags/react', 'FlagProvider', 'useFlag'),
  },
  peer('@openfeature/web-sdk', 'provider', 'OpenFeature'),
  peer('unleash-proxy-client', 'remote', 'UnleashClient'),
  react('@unleash/proxy-client-react', 'remote', 'FlagProvider', 'useFlag'),
  react('@openfeature/react-sdk', 'provider', 'OpenFeatureProvider', 'useBooleanFlagValue'),
  {
    package: '@flagsmith/flagsmith',
    role: 'peer',
    evaluates: 'remote',
    code: all('@flagsmith/flagsmith', 'flagsmith'),
  },
  peer('@featbit/js-client-sdk', 'remote', 'FbClientBuilder'),
  peer('@openfeature/ofrep-web-provider', 'remote', 'OFREPWebProvider'),
  peer('@growthbook/growthbook', 'local', 'GrowthBook'),
  react('@growthbook/growthbook-react', 'local', 'GrowthBook', 'GrowthBookProvider', 'useFeatureIsOn'),
  react('launchdarkly-react-client-sdk', 'remote', 'asyncWithLDProvider', 'useFlags'),
  peer('configcat-js', 'local', 'getClient'),
  peer('@configcat/sdk', 'local', 'getClient'),
  peer('@statsig/js-client', 'remote', 'StatsigClient'),
  react('configcat-react', 'local', 'ConfigCatProvider', 'useFeatureFlag'),
  peer('@optimizely/optimizely-sdk', 'local', 'createInstance', 'createPollingProjectConfigManager'),
  react('@statsig/react-bindings', 'remote', 'StatsigProvider', 'useGateValue'),
  peer('@statsig/js-on-device-eval-client', 'local', 'StatsigOnDeviceEvalClient'),
  peer('@launchdarkly/js-client-sdk', 'remote', 'createClient'),
  peer('@devcycle/js-client-sdk', 'remote', 'initializeDevCycle'),
  react('@launchdarkly/react-sdk', 'remote', 'createLDReactProvider', 'useBoolVariation'),
  react('@devcycle/react-client-sdk', 'remote', 'withDevCycleProvider', 'useVariableValue'),
];

function peer(from: string, evaluates: Entry['evaluates'], ...names: readonly string[]): Entry {
  return { package: from, role: 'peer', evaluates, code: use(from, ...names) };
}

function react(from: string, evaluates: Entry['evaluates'], ...names: readonly string[]): Entry {
  return { ...peer(from, evaluates, ...names), isReact: true };
}
