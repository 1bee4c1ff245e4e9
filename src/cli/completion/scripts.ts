// What shells run for completion. Each hands over the command line up to the cursor, and gets the words that may stand
// there, one a line, with what they mean behind a tab; `:files` says that it is to complete the names of files itself.

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The hidden command that answers. */
export const COMPLETE = '__complete';

/** Bash has no place for meanings: they are shown in the list of several words, of which only what they share is taken. */
const bash = `# kn-edit: completion for bash
_kn_edit() {
  local IFS=$'\\n' line="\${COMP_LINE:0:COMP_POINT}" answer value start i width=0
  local -a lines
  mapfile -t lines < <(kn-edit ${COMPLETE} "$line" 2>/dev/null)
  COMPREPLY=()
  if [[ \${lines[0]} == :files ]]; then
    compopt -o default
    return
  fi
  # Bash cuts words at = : and @, and replaces the last piece alone.
  local whole="\${line##*[[:blank:]]}" piece="\${COMP_WORDS[COMP_CWORD]}"
  piece="\${piece:0:\${#whole}}"
  case $piece in = | : | @) piece= ;; esac
  start="\${whole%"$piece"}"
  for answer in "\${lines[@]}"; do
    value="\${answer%%$'\\t'*}"
    value="\${value#"$start"}"
    (( \${#value} > width )) && width=\${#value}
  done
  for answer in "\${lines[@]}"; do
    value="\${answer%%$'\\t'*}"
    value="\${value#"$start"}"
    if (( \${#lines[@]} > 1 && COMP_TYPE != 37 )) && [[ $answer == *$'\\t'?* ]]; then
      printf -v value "%-\${width}s  (%s)" "$value" "\${answer#*$'\\t'}"
    fi
    COMPREPLY+=("$value")
  done
}
complete -F _kn_edit kn-edit
`;

const zsh = `#compdef kn-edit
# kn-edit: completion for zsh
_kn_edit() {
  local line="\${(j: :)words[1,CURRENT-1]} $PREFIX" answer
  local -a lines values
  lines=("\${(@f)$(kn-edit ${COMPLETE} "$line" 2>/dev/null)}")
  if [[ \${lines[1]} == :files ]]; then
    compset -P '--*='
    _files
    return
  fi
  for answer in $lines; do
    [[ -n $answer ]] || continue
    values+=("\${\${answer%%$'\\t'*}//:/\\\\:}:\${answer#*$'\\t'}")
  done
  _describe -V kn-edit values
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _kn_edit "$@"
else
  compdef _kn_edit kn-edit
fi
`;

const fish = `# kn-edit: completion for fish
function __kn_edit
  set -l lines (kn-edit ${COMPLETE} (commandline -cp | string collect) 2>/dev/null)
  if test "$lines[1]" = :files
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $lines
  end
end
complete -c kn-edit -f -k -a '(__kn_edit)'
`;

export const SCRIPTS: Record<Shell, string> = { bash, zsh, fish };
