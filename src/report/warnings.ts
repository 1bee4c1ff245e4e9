// A warning, as every command prints it.
import { printable, type Style } from './style.js';

/** @returns nothing where there is nothing to warn of */
export function warningText(text: string | undefined, style: Style): string {
  return text === undefined ? '' : `${style.warn('warning')}: ${printable(text)}`;
}
