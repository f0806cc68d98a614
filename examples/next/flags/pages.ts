import { precompute } from '@flags/edge';
import { need } from './need.ts';

/** The static pages there are: one for each of these values, at an address that cannot be made up. */
export const pages = precompute({ 'price-page': ['classic', 'table', 'cards'] }, { secret: need('PAGES_SECRET') });
