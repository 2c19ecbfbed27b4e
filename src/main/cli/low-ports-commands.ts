import { currentPlatform, type Platform } from '../platform/platform.js'
import { type LowPorts, lowPortSettings } from '../platform/privileged-ports/low-ports.js'
import { wantedPorts } from '../platform/privileged-ports/wanted-ports.js'
import { thisMachine } from '../platform/trust-store/this-machine.js'
import { plainJson } from './escape.js'
import { print } from './output.js'
import { servedConfig } from './served-config.js'
import { changeSettings, listedSetting, type SettingOptions, settingLines } from './setting-commands.js'

/** `portico low-ports install`: has the system let this user serve ports 443 and 80. */
export async function lowPortsInstall(options: SettingOptions): Promise<void> {
  await change('install', options, 'There is nothing to do.')
}

/** `portico low-ports uninstall`: takes back what was made. */
export async function lowPortsUninstall(options: SettingOptions): Promise<void> {
  await change('uninstall', options, 'The system has nothing of Portico’s.')
}

/** `portico low-ports status`: which ways there are, and which was gone. */
export async function lowPortsStatus(options: SettingOptions): Promise<void> {
  const platform = currentPlatform()
  const ports = wantedPorts(await servedConfig(options))
  const settings = await lowPortSettings(thisMachine(platform), ports, process.execPath)
  if (options.json === true) return print(plainJson({ ports, ways: settings.map(listedSetting) }))
  if (settings.length === 0) return print(unneeded(platform))
  for (const line of settingLines(settings)) print(line)
}

async function change(action: 'install' | 'uninstall', options: SettingOptions, nothing: string): Promise<void> {
  const platform = currentPlatform()
  if (platform !== 'linux')
    return print(options.json === true ? plainJson({ ok: true, settings: [] }) : unneeded(platform))
  const machine = thisMachine(platform)
  const config = action === 'install' ? await servedConfig(options) : await servedConfig(options).catch(() => null)
  const find = () => lowPortSettings(machine, config === null ? USUAL : wantedPorts(config), process.execPath)
  await changeSettings({ action, machine, find, options, nothing, statusCommand: 'portico low-ports status' })
}

const USUAL: LowPorts = { https: { port: 443, fallback: 4443 }, http: { port: 80, fallback: 8080 } }

function unneeded(platform: Platform): string {
  return platform === 'darwin'
    ? 'macOS lets everybody serve low ports on all addresses: Portico does, and turns other machines away.'
    : 'This system lets everybody serve ports below 1024.'
}
