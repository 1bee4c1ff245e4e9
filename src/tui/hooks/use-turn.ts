// A sign that turns while something runs: that the screen lives, however long a single step takes.
import { useEffect, useState } from 'react';

const SIGNS = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const TURN_MS = 100;

/** @returns the sign of this moment */
export function useTurn(running: boolean): string {
  const [turns, setTurns] = useState(0);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setTurns((count) => count + 1), TURN_MS);
    return () => clearInterval(timer);
  }, [running]);
  return SIGNS[turns % SIGNS.length] ?? '';
}
