export { BOOTSTRAP_HEADER, flagMiddleware, type ChooseRoute, type NextOptions } from './middleware.ts';
