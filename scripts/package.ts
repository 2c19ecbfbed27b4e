import path from 'node:path'
import { electronRuntime } from './desktop.ts'
import { ROOT, runTool } from './run-step.ts'

/**
 * `npm run package`: builds, and makes the packages of this system in dist/. Arguments go on to electron-builder, as
 * `-- --linux deb` or `-- --dir` for the app without an installer around it.
 */

process.exitCode = await makePackages(process.argv.slice(2))

async function makePackages(args: string[]): Promise<number> {
  const built = await runTool('electron-vite', ['build', '--logLevel', 'warn'])
  if (built !== 0) return built
  const runtime = await electronRuntime(path.join(ROOT, 'node_modules/electron'), process.env)
  if (runtime === null)
    console.error(
      'Electron’s runtime cannot be had here; electron-builder will look for it once more, and stop without.',
    )
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH
  const given = dist === undefined ? [] : [`-c.electronDist=${dist}`]
  return runTool('electron-builder', [
    ...given,
    '--config',
    'electron-builder.config.ts',
    '--publish',
    'never',
    ...args,
  ])
}
