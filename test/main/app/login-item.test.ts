import { expect, test, vi } from 'vitest'
import { autostartEntry, autostartFile } from '../../../src/main/app/login-item.js'

vi.mock('electron', () => ({ app: {} }))

test('the autostart entry is where the desktop looks for it', () => {
  expect(autostartFile({ XDG_CONFIG_HOME: '/c' })).toBe('/c/autostart/portico.desktop')
  expect(autostartFile({ XDG_CONFIG_HOME: 'relative' })).toMatch(/\/\.config\/autostart\/portico\.desktop$/)
})

test('the autostart entry starts the program without its window, whatever its path has in it', () => {
  expect(autostartEntry('/opt/Portico/portico')).toContain('\nExec="/opt/Portico/portico" --hidden\n')
  expect(autostartEntry('/home/a b/100%/$x"\\y')).toContain('\nExec="/home/a b/100%%/\\\\$x\\\\"\\\\\\\\y" --hidden\n')
})
