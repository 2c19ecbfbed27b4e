import type { Plan, Step } from '../../../shared/plan.js'

/**
 * The elevated steps of several plans as one script for a POSIX shell. Each plan is done as a whole or not at all: when
 * a step fails, or the script is interrupted, its earlier steps are taken back. The script tells what it did in lines
 * that `readReport` understands. It is given to the shell on its standard input, and begins nothing before its last
 * line has been read.
 *
 * @param plans only their elevated steps are in; the others are counted
 */
export function shellScript(plans: readonly Plan[]): string {
  const groups = plans.map((plan, index) => group(plan, index))
  return [
    PRELUDE,
    ...groups.map(({ functions }) => functions),
    'main() {',
    "  work=$(mktemp -d) || { echo 'portico: there is no room for temporary files' >&2; exit 1; }",
    "  trap leave EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP",
    "  printf 'portico\\tbegin\\n'",
    ...groups.filter(({ empty }) => !empty).map(({ name }) => `  ${name}`),
    '}',
    'main',
    '',
  ].join('\n')
}

/** One word for a POSIX shell, whatever is in it. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}

/** `open` names the plan under way and `at` counts its steps done, so that leaving midway can take them back. */
const PRELUDE = `set -u
umask 022
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin
LC_ALL=C
export PATH LC_ALL
open=''
at=0
say() { printf 'portico\\t%s\\t%s\\t%s\\t%s\\n' "$1" "$2" "$3" "$(printf '%s' "$4" | tr '\\t\\r\\n' '   ' | tail -c 500)"; }
leave() {
  if [ -n "$open" ]; then "undo_$open" "$at" >/dev/null 2>&1; fi
  rm -rf "$work"
}
save() {
  if [ -e "$1" ] || [ -L "$1" ]; then
    if [ -d "$1" ] && [ ! -L "$1" ]; then echo "$1 is a folder" >&2; return 1; fi
    cp -pP "$1" "$work/$2"
  fi
}
restore() {
  rm -f "$1" 2>/dev/null
  if [ -L "$work/$2" ] || [ ! -e "$1" ]; then
    if [ -e "$work/$2" ] || [ -L "$work/$2" ]; then cp -pP "$work/$2" "$1"; fi
  elif [ -e "$work/$2" ]; then cat "$work/$2" >"$1"; fi
}
folder() { if [ ! -d "$1" ]; then mkdir -p -m "$3" "$1" && : >"$work/$2.folder"; fi; }
unfolder() { if [ -e "$work/$2.folder" ]; then rmdir "$1" 2>/dev/null; fi; }
put() {
  folder "$(dirname "$1")" "$3" 755 || return
  printf '%s' "$4" >"$1.portico.$$" && chmod "$2" "$1.portico.$$" || { rm -f "$1.portico.$$"; return 1; }
  mv -f "$1.portico.$$" "$1" 2>/dev/null || { cat "$1.portico.$$" >"$1" && rm -f "$1.portico.$$"; } || return
  if command -v restorecon >/dev/null 2>&1; then restorecon "$1" >/dev/null 2>&1; fi
  return 0
}
`

interface Group {
  name: string
  functions: string
  empty: boolean
}

function group({ steps }: Plan, plan: number): Group {
  const elevated = [...steps.entries()].filter(([, step]) => step.kind !== 'note' && step.elevated)
  const name = `plan_${plan}`
  const attempts = elevated.flatMap(([index, step], order) => [
    `  at=${order}`,
    `  if said=$({ ${doing(step, `${plan}_${index}`)}; } 2>&1 </dev/null); then say ${plan} ${index} done ''`,
    `  else say ${plan} ${index} failed "$said"; undo_${plan} ${order}; open=''; return; fi`,
  ])
  const undos = elevated
    .map(([index, step], order) => {
      const undo = undoing(step, `${plan}_${index}`)
      return `  if [ "$1" -gt ${order} ]; then { ${undo}; } </dev/null >/dev/null 2>&1 && say ${plan} ${index} undone ''; fi`
    })
    .reverse()
  const refresh = elevated
    .filter(([, step]) => step.kind === 'command' && step.refresh === true)
    .map(([index, step]) => `  ${doing(step, `${plan}_${index}`)} </dev/null >/dev/null 2>&1`)
  const functions = [
    `undo_${plan}() {`,
    ...undos,
    ...refresh,
    '  :',
    '}',
    `${name}() {`,
    `  open=${plan}`,
    ...attempts,
    "  open=''",
    '}',
  ].join('\n')
  return { name, functions, empty: elevated.length === 0 }
}

function doing(step: Step, id: string): string {
  switch (step.kind) {
    case 'note':
      return ':'
    case 'command': {
      const invocation = [step.program, ...step.args].map(quoted).join(' ')
      return step.stdin === undefined ? invocation : `printf '%s' ${quoted(step.stdin)} | ${invocation}`
    }
    case 'write-file':
      return `save ${quoted(step.path)} ${id} && put ${quoted(step.path)} ${octal(step.mode)} ${id} ${quoted(step.content)}`
    case 'remove-file':
      return `save ${quoted(step.path)} ${id} && rm -f ${quoted(step.path)}`
    case 'make-directory':
      return `folder ${quoted(step.path)} ${id} ${octal(step.mode)}`
  }
}

function undoing(step: Step, id: string): string {
  switch (step.kind) {
    case 'note':
      return ':'
    case 'command':
      return step.undo === undefined ? ':' : [step.undo.program, ...step.undo.args].map(quoted).join(' ')
    case 'write-file':
      return `restore ${quoted(step.path)} ${id} && { unfolder "$(dirname ${quoted(step.path)})" ${id}; :; }`
    case 'remove-file':
      return `restore ${quoted(step.path)} ${id}`
    case 'make-directory':
      return `unfolder ${quoted(step.path)} ${id}`
  }
}

function octal(mode: number): string {
  return mode.toString(8)
}
