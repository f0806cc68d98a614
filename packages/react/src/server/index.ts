export { BootstrapScript, bootstrapText, type BootstrapScriptProps } from './bootstrap-script.tsx';
export { requestFlags, type RequestFlags, type RequestFlagsOptions } from './request-flags.ts';
export {
  createBootstrap,
  renderBootstrap,
  scriptLiteral,
  type BootstrapOptions,
  type RenderOptions,
  type ValuesBootstrap,
} from '@flags/sync';
