import { evaluateSection } from './evaluate/section.ts';
import type { Section } from './frame/section.ts';
import { reactSection } from './react/section.ts';
import { sizeSection } from './size/section.ts';
import { startSection } from './start/section.ts';
import { syncSection } from './sync/section.ts';

/** All sections, in the order of the page. */
export const sections: readonly Section[] = [evaluateSection, startSection, sizeSection, reactSection, syncSection];
