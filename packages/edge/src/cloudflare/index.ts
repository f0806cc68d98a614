export {
  createFlagsObject,
  objectFetch,
  type FlagsObject,
  type FlagsObjectClass,
  type FlagsObjectOptions,
  type ObjectNamespace,
  type ObjectState,
} from './flags-object.ts';
