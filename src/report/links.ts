// Links to files (OSC 8), for the terminals that are known to make them clickable.
import { hostname } from 'node:os';
import { pathToFileURL } from 'node:url';

const PROGRAMS = ['iTerm.app', 'WezTerm', 'vscode', 'ghostty', 'Hyper', 'Tabby', 'rio'];
const TERMS = /^(xterm-kitty|xterm-ghostty|alacritty|foot|contour|wezterm)/;
/** Of the library behind GNOME's terminal and its kin; 0.50.0 crashes on links. */
const VTE = 5001;

/** Whether a terminal with this environment shows links. Those that do not may print the address as text. */
export function showsLinks(env: NodeJS.ProcessEnv): boolean {
  if (env.CI || env.TERM === 'dumb' || env.TMUX || env.STY) return false;
  return (
    PROGRAMS.includes(env.TERM_PROGRAM ?? '') ||
    TERMS.test(env.TERM ?? '') ||
    Number(env.VTE_VERSION) >= VTE ||
    Boolean(env.WT_SESSION || env.KONSOLE_VERSION || env.DOMTERM)
  );
}

const START = '\u001b]8;;';
const END = '\u0007';

/** The beginnings and ends of links, as `fileLink` makes them and no file can smuggle them in: printable ASCII alone. */
export const LINK = '\\u001b\\]8;;(?:file://[!-~]*)?\\u0007';

/** A text that opens a file. @param path of the file, @param text what is shown */
export function fileLink(path: string, text: string): string {
  const address = pathToFileURL(path);
  address.hostname = hostname();
  return `${START}${address.href}${END}${text}${START}${END}`;
}
