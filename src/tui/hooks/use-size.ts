// The size of the terminal, followed as it changes.
import { useEffect, useState } from 'react';
import { useStdout } from '../ink.js';

export function useSize(): { columns: number; rows: number } {
  const { stdout } = useStdout();
  const read = () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 });
  const [size, setSize] = useState(read);
  useEffect(() => {
    const follow = () => setSize({ columns: stdout.columns, rows: stdout.rows });
    stdout.on('resize', follow);
    return () => {
      stdout.off('resize', follow);
    };
  }, [stdout]);
  return size;
}
