// Copies text to the clipboard of the terminal (OSC 52), which reaches over ssh, too. Terminals that have none pass it over.
import { stripVTControlCharacters } from 'node:util';
import { plural } from '../../report/numbers.js';
import { useDesk } from '../desk.js';
import { useStdout } from '../ink.js';

/** Terminals take no more; in characters. */
const MOST = 70_000;

export function useCopy(): (text: string) => void {
  const { tell } = useDesk();
  const { stdout } = useStdout();
  return (text) => {
    const plain = stripVTControlCharacters(text).slice(0, MOST);
    stdout.write(`\u001b]52;c;${Buffer.from(plain).toString('base64')}\u0007`);
    tell(`copied ${plural(plain.split('\n').length, 'line')}, where the terminal has a clipboard`, 'good');
  };
}
