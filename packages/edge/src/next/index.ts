export { BOOTSTRAP_HEADER, bootstrapOf, flagMiddleware, type ChooseRoute, type NextOptions } from './middleware.ts';
