import { expect, test } from 'vitest'
import { chooseElevation, type ElevationFacts } from '../../../../src/main/platform/elevation/choose-elevation.js'

const facts = (over: Partial<ElevationFacts>): ElevationFacts => ({
  platform: 'linux',
  isRoot: false,
  terminal: false,
  window: false,
  env: {},
  programs: new Set(['sudo', 'pkexec']),
  sudoIsFree: false,
  ...over,
})
const DISPLAY = { DISPLAY: ':0' }

test.each([
  ['root needs nothing', { isRoot: true, terminal: true }, 'already'],
  ['a window is asked by pkexec though there is a terminal', { terminal: true, window: true, env: DISPLAY }, 'pkexec'],
  ['a window somewhere else, by the terminal', { terminal: true, window: true }, 'sudo'],
  ['a terminal is asked by sudo', { terminal: true, env: DISPLAY }, 'sudo'],
  ['a terminal without sudo by pkexec', { terminal: true, programs: new Set(['pkexec']) }, 'pkexec'],
  ['a desktop by pkexec', { env: DISPLAY }, 'pkexec'],
  ['a Wayland desktop too', { env: { WAYLAND_DISPLAY: 'wayland-0' } }, 'pkexec'],
  ['an empty DISPLAY is none', { env: { DISPLAY: '' } }, null],
  ['sudo without a password is not asked for one', { env: DISPLAY, sudoIsFree: true }, 'sudo-silent'],
  ['a desktop without pkexec by askpass', askpass({ ...DISPLAY }), 'sudo-askpass'],
  ['nobody to ask', {}, null],
  ['nothing to ask with', { terminal: true, programs: new Set<string>() }, null],
  ['the window on macOS', { platform: 'darwin' as const, programs: new Set(['sudo']) }, 'osascript'],
  ['a window on macOS', { platform: 'darwin' as const, terminal: true, window: true }, 'osascript'],
  ['the terminal on macOS', { platform: 'darwin' as const, terminal: true }, 'sudo'],
  ['Windows', { platform: 'win32' as const, terminal: true, programs: new Set<string>() }, 'uac'],
])('%s', (_name, over: Partial<ElevationFacts>, way) => {
  expect(chooseElevation(facts(over))).toBe(way)
})

function askpass(env: NodeJS.ProcessEnv): Partial<ElevationFacts> {
  return { env: { ...env, SUDO_ASKPASS: '/usr/bin/ssh-askpass' }, programs: new Set(['sudo']) }
}
