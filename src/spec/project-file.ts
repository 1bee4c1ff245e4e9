// The file of a project: what is meant where a command line does not say it.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { DEFAULT_MODEL, ENGINE_CHOICES } from './choices.js';
import { text } from './edit-file.js';
import { readJson } from './json.js';
import { locateSchema } from './settings.js';

export const projectSchema = z.strictObject({
  /** Lets editors find the JSON Schema; ignored. */
  $schema: z.string().optional(),
  /** What `--model` takes; a path is meant from the file on. */
  model: text.optional(),
  /** What `--db` takes; a path is meant from the file on. */
  db: text.optional(),
  engine: z.enum(ENGINE_CHOICES).optional(),
  /** Settings of locating, for whoever names neither a preset nor these. */
  locate: locateSchema.optional(),
});

/** What a project file says, with its paths resolved. */
export type Project = Omit<z.infer<typeof projectSchema>, '$schema'> & { path: string };

/** Reads a project file. @throws InputError that names the file, the field and the fix */
export function readProject(path: string): Project {
  const { $schema: _, model, db, ...rest } = readJson(path, projectSchema);
  const from = (name: string) => resolve(dirname(path), name);
  const isPath =
    model !== undefined &&
    model !== DEFAULT_MODEL &&
    (/^[./]/.test(model) || existsSync(join(dirname(path), model)));
  return {
    path,
    ...rest,
    ...(model !== undefined && { model: isPath ? from(model) : model }),
    ...(db !== undefined && { db: from(db) }),
  };
}

/** JSON Schema of the project file, for editors. */
export function projectJsonSchema(): unknown {
  return z.toJSONSchema(projectSchema, { io: 'input' });
}
