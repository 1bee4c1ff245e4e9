// The project that a command runs in: its file, and what the command line and the environment put in its place.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { SessionOptions } from '../session/session.js';
import { DEFAULT_MODEL } from '../spec/choices.js';
import type { Project } from '../spec/project-file.js';
import type { CommonArguments } from './options.js';

export const PROJECT_FILE = 'kn-edit.config.json';

/** The project file of the working directory, or of the nearest one above. @throws InputError when it is not valid */
export async function findProject(): Promise<Project | undefined> {
  for (let at = resolve('.'); ; at = dirname(at)) {
    const path = join(at, PROJECT_FILE);
    if (existsSync(path)) {
      const { readProject } = await import('../spec/project-file.js');
      return readProject(path);
    }
    if (dirname(at) === at) return undefined;
  }
}

/**
 * What a session is opened with: what was typed, then the environment (KN_EDIT_DB, which the session reads), then the
 * project. The project's ledger goes with its model: for another one it is left alone.
 */
export function sessionOptions(argv: CommonArguments, project: Project | undefined): SessionOptions {
  const { model = project?.model, engine = project?.engine, workers, base } = argv;
  const others = argv.model !== undefined && meant(argv.model) !== meant(project?.model);
  const db = argv.db ?? (process.env.KN_EDIT_DB || others ? undefined : project?.db);
  return { model, db, engine, workers, base, locate: project?.locate };
}

/** The same for a model in other words: "./gpt2", and where that lies. */
const meant = (model = DEFAULT_MODEL) => (model === DEFAULT_MODEL ? model : resolve(model));
