import { useEffect, useState } from 'react'
import type { Settings, SettingsPatch } from '../../../shared/preferences.js'
import { callShell } from '../../bridge.js'
import { attempt } from '../../stores/toasts.js'
import { strings } from '../../strings.js'

const text = strings.settings.desktop
const SWITCHES = ['startGateway', 'closeToTray', 'openAtLogin'] as const

/** What the desktop app does by itself; a browser has nothing of the kind. */
export function DesktopSettings() {
  const [settings, setSettings] = useState<Settings | null>(null)
  useEffect(() => void attempt(async () => setSettings(await callShell('settings.get', {}))), [])
  if (settings === null) return null
  const change = (patch: SettingsPatch) => attempt(async () => setSettings(await callShell('settings.set', patch)))
  return (
    <section>
      <h2>{text.title}</h2>
      {SWITCHES.map((name) => (
        <div key={name}>
          <label className="mark">
            <input
              type="checkbox"
              checked={settings[name]}
              onChange={(event) => void change({ [name]: event.target.checked })}
            />
            {text[name]}
          </label>
        </div>
      ))}
    </section>
  )
}
