export { FlagDevtools, type FlagDevtoolsProps } from './flag-devtools.tsx';
