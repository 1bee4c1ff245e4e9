// npm run schema: writes the JSON Schema of edit files, by which editors complete them, to fixtures/.
import { writeFileSync } from 'node:fs';
import { editJsonSchema } from './edit-file.js';

const path = new URL('../../fixtures/edit.schema.json', import.meta.url);
writeFileSync(path, `${JSON.stringify(editJsonSchema(), null, 2)}\n`);
