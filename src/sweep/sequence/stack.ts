// Which edits lie beneath one of a sequential sweep. Its key names those that were planned, of which some may have failed.
import { hashOf } from '../../hash.js';

/** Beneath the first edit. */
export const BASE = '';

/** What lies beneath an edit that is made upon another one. @param beneath that other one */
export function upon(beneath: string, key: string): string {
  return hashOf([beneath, key]);
}
