import type { SystemSetting } from '../../../shared/system-schemas.js'
import type { Shape, Tone } from '../../components/mark.js'

export const SETTING_LOOKS: Record<SystemSetting['state'], readonly [Shape, Tone]> = {
  on: ['disc', 'good'],
  outdated: ['triangle', 'warn'],
  off: ['ring', 'faint'],
}
