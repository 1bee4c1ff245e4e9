// Clicks of the mouse on a part of the screen.
import { type RefObject, useRef } from 'react';
import type { DOMElement } from '../ink.js';
import type { Place } from '../mouse.js';
import { useHolder, usePressed } from './keyboard.js';

/**
 * Tells of clicks within a box, while nothing is being typed or asked.
 * @param onClick is given the place within the box
 * @returns to be the box's `ref`
 */
export function useClick(onClick: (place: Place) => void, active: boolean): RefObject<DOMElement | null> {
  const box = useRef<DOMElement>(null);
  const holder = useHolder();
  usePressed(({ at }) => {
    if (!at || holder || !box.current) return;
    const { column, row, width, height } = placeOf(box.current);
    const within = { column: at.column - column, row: at.row - row };
    const isIn = (value: number, size: number) => value >= 0 && value < size;
    if (isIn(within.column, width) && isIn(within.row, height)) onClick(within);
  }, active);
  return box;
}

/** Where a box is on the screen: the frame begins at its first line. */
function placeOf(box: DOMElement): Place & { width: number; height: number } {
  const place = { column: 0, row: 0 };
  for (let at: DOMElement | undefined = box; at; at = at.parentNode) {
    place.column += at.yogaNode?.getComputedLeft() ?? 0;
    place.row += at.yogaNode?.getComputedTop() ?? 0;
  }
  const { yogaNode } = box;
  return { ...place, width: yogaNode?.getComputedWidth() ?? 0, height: yogaNode?.getComputedHeight() ?? 0 };
}
