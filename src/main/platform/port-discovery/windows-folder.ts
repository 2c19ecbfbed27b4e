import path from 'node:path'

/** Where a program may be installed: scripts there say nothing of the project that they serve. */
const INSTALLED = /^[a-z]:\\(windows|program files( \(x86\))?|programdata)(\\|$)|\\appdata\\/i

/**
 * The folder of a project, from the absolute paths that a command line of Windows names: what is above `node_modules`,
 * or else where the script lies. Null when it names none.
 */
export function folderOfCommandLine(commandLine: string | null): string | null {
  const [, ...words] = [...(commandLine ?? '').matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  )
  for (const word of words) {
    if (!/^[a-z]:[\\/]/i.test(word)) continue
    const file = path.win32.normalize(word)
    if (INSTALLED.test(file)) continue
    const modules = file.toLowerCase().indexOf('\\node_modules\\')
    if (modules !== -1) return file.slice(0, modules)
    if (/\.(m?js|cjs|m?ts|cts|py|rb|php)$/i.test(file)) return path.win32.dirname(file)
  }
  return null
}
