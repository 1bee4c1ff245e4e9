// Asks where the edit on the bench is to be saved.
import { errorData } from '../../errors.js';
import { editOnBench } from '../bench.js';
import { useDesk } from '../desk.js';
import { saveEdit, savingPath } from '../save-edit.js';
import { TextField } from './text-field.js';

export function SaveField({ width, onDone }: { width: number; onDone: () => void }) {
  const { bench, tell } = useDesk();
  const edit = editOnBench(bench);
  if (!edit) return null;
  const save = (path: string) => {
    onDone();
    saveEdit(path, edit).then(
      () => tell(`saved: kn-edit apply ${path}`, 'good'),
      (error: unknown) => tell(errorData(error).message, 'bad'),
    );
  };
  return (
    <TextField
      label=" save as"
      value={savingPath(edit)}
      width={width}
      onSubmit={(text) => (text.trim() ? save(text.trim()) : onDone())}
      onCancel={onDone}
    />
  );
}
