/**
 * A command line as a person would have typed it: without the folder of its program and, on Windows, its quotes and
 * `.exe`.
 *
 * @param command name of the program
 * @param commandLine as the system tells it; programs may have put something else in its place
 */
export function shortCommandLine(command: string, commandLine: string | null): string {
  if (commandLine === null) return command
  if (commandLine.startsWith('"')) return commandLine.replace(/^"([^"]*)"/, (_quoted, program) => nameOf(program))
  return /^(\/|[A-Za-z]:\\)/.test(commandLine) ? withoutFolder(command, commandLine) : commandLine
}

/** The path of the program, which may have spaces in it, ends with the name; where it never does, it is told in full. */
function withoutFolder(command: string, commandLine: string): string {
  const words = commandLine.split(' ')
  const last = words.findIndex((_word, index) => nameOf(words.slice(0, index + 1).join(' ')) === command)
  return last === -1 ? commandLine : [command, ...words.slice(last + 1)].join(' ')
}

function nameOf(program: string): string {
  return program.replace(/^.*[/\\]/s, '').replace(/\.exe$/i, '')
}
