import { useEffect, useRef, type RefObject } from 'react';

/** Shows beside an element how often its component was rendered in this page. */
export function useRenderCount(): RefObject<(HTMLHeadingElement & HTMLParagraphElement) | null> {
  const element = useRef<HTMLHeadingElement & HTMLParagraphElement>(null);
  const count = useRef(0);
  useEffect(() => {
    count.current += 1;
    element.current?.setAttribute('data-renders', String(count.current));
  });
  return element;
}
