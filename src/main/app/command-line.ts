import { app, utilityProcess } from 'electron'

const MARK = '--cli'

/**
 * The words of a command line that the packaged app was started with: `Portico --cli -- status --json`. Behind the two
 * dashes nothing is Chromium's to interpret. Null when the app itself was asked for.
 */
export function commandLineWords(argv: readonly string[]): string[] | null {
  const at = argv.indexOf(MARK)
  if (at === -1) return null
  return argv[at + 1] === '--' ? argv.slice(at + 2) : argv.slice(at + 1)
}

/**
 * Runs the command line in a process of its own, which takes the place of the Node that the app is not allowed to be
 * (see the fuse `runAsNode`), and ends with its exit code. No window, no tray, and no claim to be the only instance.
 *
 * @param file absolute path of the command line's bundle
 */
export async function runCommandLine(file: string, words: readonly string[]): Promise<void> {
  // Both stop what the command line does, and that ends this.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child?.kill())
  let child: Electron.UtilityProcess | null = null
  await app.whenReady()
  app.dock?.hide()
  child = utilityProcess.fork(file, [...words], { serviceName: 'Portico command line', stdio: 'inherit' })
  child.once('exit', (code) => app.exit(code))
}
