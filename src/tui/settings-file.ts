// What the terminal UI remembers from one time to the next, in the user's configuration directory.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { makeDirectories, replaceFile } from '../files.js';
import { THEMES, type Theme } from '../report/style.js';
import { DEFAULT_MODEL } from '../spec/choices.js';
import { userPath } from '../user-cache.js';

export interface UserSettings {
  /** The model that was chosen last. */
  model?: string | undefined;
  theme?: Theme | undefined;
}

const path = () => userPath(process.env.XDG_CONFIG_HOME, '.config', 'settings.json');

/** What was kept; nothing where that is not there, or of another make. By hand: the first frame waits for it. */
export function readUserSettings(): UserSettings {
  try {
    const found: unknown = JSON.parse(readFileSync(path() ?? '', 'utf8'));
    if (typeof found !== 'object' || found === null) return {};
    const model: unknown = Reflect.get(found, 'model');
    const theme: unknown = Reflect.get(found, 'theme');
    return {
      model: typeof model === 'string' ? model : undefined,
      theme: THEMES.find((one) => one === theme),
    };
  } catch {
    return {};
  }
}

/** Keeps some of them, where that can be. */
export function keepUserSettings(change: UserSettings): void {
  const file = path();
  if (file === undefined) return;
  try {
    makeDirectories(dirname(file), 0o700);
    replaceFile(file, `${JSON.stringify({ ...readUserSettings(), ...change }, null, 2)}\n`);
  } catch {
    // then it is chosen again
  }
}

/** A model as it is found from everywhere; none for the one that is usual. */
export function rememberedModel(name: string): string | undefined {
  if (name === DEFAULT_MODEL) return undefined;
  return existsSync(name) ? resolve(name) : name;
}
