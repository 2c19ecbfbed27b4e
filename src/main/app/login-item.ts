import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { app } from 'electron'

/** Portico starts into the tray then: nobody has asked for its window. */
export const HIDDEN = '--hidden'

/**
 * Has the system start Portico at login, or no longer. Electron can do that on macOS and Windows; Linux desktops read
 * a file of the person's own (XDG Desktop Application Autostart).
 */
export async function openAtLogin(wanted: boolean, platform: NodeJS.Platform): Promise<void> {
  if (platform !== 'linux') {
    if (app.getLoginItemSettings({ args: [HIDDEN] }).openAtLogin !== wanted)
      app.setLoginItemSettings({ openAtLogin: wanted, args: [HIDDEN] })
    return
  }
  const file = autostartFile(process.env)
  if (!wanted) return rm(file, { force: true })
  // An AppImage runs from a folder that is gone after it: the image itself is what to start.
  const entry = autostartEntry(process.env.APPIMAGE ?? process.execPath)
  if ((await readFile(file, 'utf8').catch(() => null)) === entry) return
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, entry)
}

/** Where Linux desktops look for what to start. @param env of this process */
export function autostartFile(env: NodeJS.ProcessEnv): string {
  const given = env.XDG_CONFIG_HOME
  const config = given !== undefined && path.isAbsolute(given) ? given : path.join(os.homedir(), '.config')
  return path.join(config, 'autostart', 'portico.desktop')
}

/** The entry that starts a program. @param program absolute path */
export function autostartEntry(program: string): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Portico',
    'Comment=A desktop HTTPS gateway for local development',
    `Exec=${quoted(program)} ${HIDDEN}`,
    'Icon=portico',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n')
}

/** Desktop Entry Specification, "The Exec key": quoted, these characters escaped; then the escapes of any string value. */
function quoted(program: string): string {
  const argument = program.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%')
  return `"${argument.replaceAll('\\', '\\\\')}"`
}
