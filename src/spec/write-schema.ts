// npm run schema: writes the JSON Schemas by which editors complete edit files and project files, to fixtures/.
import { writeFileSync } from 'node:fs';
import { editJsonSchema } from './edit-file.js';
import { projectJsonSchema } from './project-file.js';

const schemas = { 'edit.schema.json': editJsonSchema(), 'config.schema.json': projectJsonSchema() };
for (const [name, schema] of Object.entries(schemas)) {
  const path = new URL(`../../fixtures/${name}`, import.meta.url);
  writeFileSync(path, `${JSON.stringify(schema, null, 2)}\n`);
}
