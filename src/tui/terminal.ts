// The terminal itself: the alternate screen, taken at the start and given back however the program ends.

/** The alternate screen, empty, and marks around what is pasted. */
const ENTER = '\u001b[?1049h\u001b[2J\u001b[H\u001b[?2004h';
const LEAVE = '\u001b[?2004l\u001b[?25h\u001b[?1049l';

/** Takes the alternate screen. @returns the way back, which also runs when the process exits */
export function takeScreen(stream: NodeJS.WriteStream): () => void {
  let taken = true;
  const leave = () => {
    if (!taken) return;
    taken = false;
    stream.write(LEAVE);
  };
  process.once('exit', leave);
  stream.write(ENTER);
  return leave;
}

/** Wipes the screen: after a resize, what an earlier frame left is nobody's. */
export function wipe(stream: NodeJS.WriteStream): void {
  stream.write('\u001b[2J\u001b[H');
}
